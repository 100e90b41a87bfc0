"""A fitted classifier of the rows of a table."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, match_labels
from topwork.errors import DataError
from topwork.heads import softmax
from topwork.heads.boosting import logits_of
from topwork.metrics import judge
from topwork.model.card import Label
from topwork.model.cards.table_card import TableClassCard
from topwork.model.evaluation.evaluate import Evaluation, codes_of, confusions, set_aside
from topwork.model.evaluation.judged import JudgedItems
from topwork.model.predictions import Predictions
from topwork.model.tables.model import ReadRows, TableModel, rows_of


class TableClassifierModel(TableModel):
    """A fitted classifier of rows; ``topwork.load`` or ``TableClassifier.fit`` give one."""

    @property
    def card(self) -> TableClassCard:
        """Everything about the model that isn't a tensor."""
        card = self.parts.card
        assert isinstance(card, TableClassCard)
        return card

    @property
    def labels(self) -> list[Label]:
        """The classes, in the order of the probabilities."""
        return list(self.card.labels)

    def predict(self, inputs: Any, *, bad: Literal["raise", "none"] = "raise") -> NDArray[Any]:
        """The most probable label of each row, ``(n,)``.

        Parameters
        ----------
        inputs
            As for :meth:`read`.
        bad
            What to do with rows that can't be read: ``raise`` names them, ``none`` gives ``None``
            in their place.

        Raises
        ------
        BadItemsError
            Some rows can't be read, and ``bad`` is ``raise``.
        DataError
            The table can't be used.
        """
        n, read = self._complete(inputs, bad)
        found = self._said(read)
        labels: list[Any] = [None] * n
        for place, code in zip(read.table.kept, found.codes, strict=True):
            labels[place] = self.card.labels[code]
        return np.array(labels, dtype=object if len(found) < n else None)

    def predict_proba(self, inputs: Any, *, bad: Literal["raise", "none"] = "raise") -> Any:
        """Probabilities ``(n, k)``, the classes in the order of ``labels``; NaN rows for ``none``.

        Raises
        ------
        BadItemsError
            Some rows can't be read, and ``bad`` is ``raise``.
        """
        n, read = self._complete(inputs, bad)
        found = np.full((n, len(self.card.labels)), np.nan, np.float32)
        found[read.table.kept] = self._said(read).probabilities
        return found

    def predictions(self, inputs: Any) -> Predictions:
        """Classes, probabilities and sets; bad rows are in ``rejected``."""
        return self._said(self.read(inputs))

    def said_of(self, read: ReadRows) -> Predictions:
        """The same of rows that were read."""
        return self._said(read)

    def _said(self, read: ReadRows) -> Predictions:
        logits = logits_of(self.outputs(read.X), len(self.labels)).astype(np.float32)
        p = softmax(logits / np.float32(self.card.temperature))
        return Predictions(
            kept=list(read.table.kept),
            names=list(read.table.names),
            keys=read.keys,
            logits=logits,
            probabilities=p,
            features=read.X,
            unknown=np.zeros(len(p), bool),
            sets=self.card.sets.of(p),
            rejected=list(read.table.rejected.values()),
            labels=self.labels,
        )

    def evaluate(self, data: Any, targets: Any = None) -> Evaluation:
        """An honest number on other data.

        Parameters
        ----------
        data, targets
            As for ``fit``: a table with a column of labels, or a table and its labels.

        Raises
        ------
        DataError
            The rows have no labels, or none that the model knows.
        """
        return self.evaluate_items(data, targets)[0]

    def evaluate_items(self, data: Any, targets: Any = None) -> tuple[Evaluation, JudgedItems]:
        """The same, and what was predicted of each row."""
        begun = time.monotonic()
        data = self._labelled(data, targets, "classes")
        codes = codes_of(data, self.labels)
        kept = np.flatnonzero(codes >= 0)
        judged: Dataset = data.take(kept)
        read = self.read(rows_of(judged))
        predicted, mine = self._said(read), codes[kept]
        names = [str(label) for label in self.labels]
        verdict = judge(
            mine, predicted.probabilities, names, predicted=predicted.codes, groups=judged.groups
        )
        found = Evaluation(
            **self._judged_facts(data, read, time.monotonic() - begun),
            unknown_labels=int((codes < 0).sum()),
            set_aside=set_aside(data, codes),
            scores=verdict.scores,
            more=verdict.more,
            unknown=0.0,
            per_class=list(verdict.per_class),
            confusions=confusions(mine, predicted.codes, names),
        )
        return found, JudgedItems(names, mine, predicted)

    def score(
        self, data: Any, targets: Any = None, weights: Sequence[float] | None = None
    ) -> float:
        """Accuracy on labelled rows; ``weights`` is ``(n,)``.

        Raises
        ------
        DataError
            The rows have no labels.
        """
        found = self._labelled(data, targets, "classes")
        if found.classes is None:
            raise DataError("A score needs labels.", remedy="Give score(X, y), or a table.")
        true = np.array(match_labels(found.classes.labels, self.labels))[found.classes.codes]
        predicted = self._said(self.read(rows_of(found))).codes
        return float(np.average(true == predicted, weights=weights))

    def _facts(self) -> dict[str, object]:
        card = self.card
        return {"kind": card.kind, "task": "classes", "head": card.head,
                "classes": len(card.labels), "columns": len(card.encoding.columns)}  # fmt: skip
