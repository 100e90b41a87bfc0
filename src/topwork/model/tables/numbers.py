"""A fitted regressor of the rows of a table."""

from __future__ import annotations

import time
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.model.cards.table_card import TableNumberCard
from topwork.model.number.evaluation import NumberEvaluation, judged_numbers
from topwork.model.number.predictions import NumberPredictions
from topwork.model.tables.model import ReadRows, TableModel, rows_of
from topwork.runtime.progress import Progress, silent


class TableNumberModel(TableModel):
    """A fitted regressor of rows; ``topwork.load`` gives one, ``TableRegressor.fit`` makes one."""

    @property
    def card(self) -> TableNumberCard:
        """Everything about the model that isn't a tensor."""
        card = self.parts.card
        assert isinstance(card, TableNumberCard)
        return card

    def predict(
        self, inputs: Any, *, bad: Literal["raise", "none"] = "raise"
    ) -> NDArray[np.float64]:
        """The number of each row, float64 ``(n,)``.

        Parameters
        ----------
        inputs
            As for :meth:`read`.
        bad
            What to do with rows that can't be read: ``raise`` names them, ``none`` gives NaN in
            their place.

        Raises
        ------
        BadItemsError
            Some rows can't be read, and ``bad`` is ``raise``.
        DataError
            The table can't be used.
        """
        n, read = self._complete(inputs, bad)
        values = np.full(n, np.nan)
        values[read.table.kept] = self.said_of(read).values
        return values

    def predictions(self, inputs: Any) -> NumberPredictions:
        """Numbers with intervals; bad rows are in ``rejected``."""
        return self.said_of(self.read(inputs))

    def said_of(self, read: ReadRows) -> NumberPredictions:
        """The same of rows that were read."""
        outputs, card = self.outputs(read.X), self.card
        values = outputs[:, 0]
        usual = np.full(len(values), card.intervals.usual)
        logs = outputs[:, 1] if outputs.shape[1] > 1 else usual
        ends = card.intervals.around(card.transform, values, logs)
        low, high = (np.full(len(values), np.nan),) * 2 if ends is None else ends
        return NumberPredictions(
            kept=list(read.table.kept),
            names=list(read.table.names),
            keys=read.keys,
            rejected=list(read.table.rejected.values()),
            values=card.transform.backward(values),
            low=low,
            high=high,
        )

    def evaluate(self, data: Any, targets: Any = None) -> NumberEvaluation:
        """An honest number on other data.

        Parameters
        ----------
        data, targets
            As for ``fit``: a table with a column of numbers, or a table and its numbers.

        Raises
        ------
        DataError
            The rows have no numbers.
        """
        return self.evaluate_items(data, targets)[0]

    def evaluate_items(
        self,
        data: Any,
        targets: Any = None,
        *,
        cache: bool = False,  # noqa: ARG002  there are no features to store
        progress: Progress = silent,  # noqa: ARG002  it takes no time
    ) -> tuple[NumberEvaluation, NumberPredictions]:
        """The same, and what was predicted of each row."""
        begun = time.monotonic()
        found = self.own_targets(self._labelled(data, targets, "number"))
        read = self.read(rows_of(found))
        predicted = self.said_of(read)
        facts = self._judged_facts(found, read, time.monotonic() - begun)
        return judged_numbers(found, predicted, self.card.intervals, **facts), predicted

    def own_targets(self, data: Dataset) -> Dataset:
        """The same data, their labels read as numbers.

        Raises
        ------
        DataError
            They can't be.
        """
        found = self._labelled(data, None, "number")
        assert len(found.numbers) == len(found)  # raises where they have none
        return found

    def _facts(self) -> dict[str, object]:
        card = self.card
        return {"kind": card.kind, "task": "number", "head": card.head,
                "columns": len(card.encoding.columns)}  # fmt: skip
