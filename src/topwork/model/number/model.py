"""A fitted model that predicts numbers."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.model.head_card import NumberCard
from topwork.model.heads.model import HeadModel
from topwork.model.number.evaluation import NumberEvaluation, judged_numbers
from topwork.model.number.predictions import NumberPredictions
from topwork.model.parts import NumberParts
from topwork.tasks.number.strata import strata_like


class NumberModel(HeadModel[NumberPredictions, NumberEvaluation]):
    """A fitted regressor; ``topwork.load`` gives one, ``ImageRegressor.fit`` makes one."""

    parts: NumberParts

    @property
    def card(self) -> NumberCard:
        """Everything about the model that isn't a tensor."""
        return self.parts.card

    def predict(
        self, inputs: Any, *, bad: Literal["raise", "none"] = "raise"
    ) -> NDArray[np.float64]:
        """The number of each input, float64 ``(n,)``.

        Parameters
        ----------
        inputs
            Paths, folders, a table, PIL images or arrays; of a model for texts, a string is the
            text itself, and a `pathlib.Path` is a file, folder or table.
        bad
            What to do with inputs that can't be read: ``raise`` names them, ``none`` gives NaN in
            their place.

        Raises
        ------
        BadItemsError
            Some inputs can't be read, and ``bad`` is ``raise``.
        """
        n, found = self._complete(inputs, bad)
        values = np.full(n, np.nan)
        values[found.kept] = found.values
        return values

    def _answers(self, outputs: NDArray[np.float32], **read: Any) -> NumberPredictions:
        values, logs = outputs.astype(np.float64).T
        transform = self.card.transform
        ends = self.card.intervals.around(transform, values, logs)
        low, high = (np.full(len(values), np.nan),) * 2 if ends is None else ends
        return NumberPredictions(values=transform.backward(values), low=low, high=high, **read)

    def _judged(
        self, data: Dataset, found: NumberPredictions, **facts: Any
    ) -> tuple[NumberEvaluation, NDArray[np.int64]]:
        training = self.parts.training
        strata = strata_like(data.numbers, training.numbers, training.codes)
        return judged_numbers(data, found, self.card.intervals, **facts), strata

    def _labelled(self, data: Any, targets: Any) -> Dataset:
        found = super()._labelled(data, targets)
        assert len(found.numbers) == len(found)  # raises where they have none
        return found

    def _facts(self) -> dict[str, object]:
        card = self.card
        return {"kind": card.kind, "task": "number", "backbone": card.backbone,
                "strategy": card.strategy, "head": card.head}  # fmt: skip
