"""A fitted model that predicts ordered classes."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, OrdinalTargets, read, with_volumes
from topwork.model.card import Label
from topwork.model.head_card import OrdinalCard
from topwork.model.heads.model import HeadModel
from topwork.model.ordinal.evaluation import OrdinalEvaluation, judged_ordinal
from topwork.model.ordinal.predictions import OrdinalPredictions
from topwork.model.parts import OrdinalParts
from topwork.model.short_repr import some
from topwork.tasks.ordinal.decision import decide
from topwork.tasks.ordinal.nested import probabilities_of
from topwork.tasks.ordinal.task import ordered_alike


class OrdinalModel(HeadModel[OrdinalPredictions, OrdinalEvaluation]):
    """A fitted model of ordered classes, as ``OrdinalImageClassifier.fit`` makes one."""

    parts: OrdinalParts

    @property
    def card(self) -> OrdinalCard:
        """Everything about the model that isn't a tensor."""
        return self.parts.card

    @property
    def labels(self) -> tuple[Label, ...]:
        """The k classes, from low to high."""
        return tuple(self.card.labels)

    def predict(self, inputs: Any, *, bad: Literal["raise", "none"] = "raise") -> NDArray[Any]:
        """The class of each input, ``(n,)``.

        Parameters
        ----------
        inputs
            Paths, folders, a table, PIL images or arrays; of a model for texts, a string is the
            text itself, and a `pathlib.Path` is a file, folder or table.
        bad
            What to do with inputs that can't be read: ``raise`` names them, ``none`` gives None in
            their place.

        Raises
        ------
        BadItemsError
            Some inputs can't be read, and ``bad`` is ``raise``.
        """
        n, found = self._complete(inputs, bad)
        labels = np.array(self.labels)
        if len(found) == n:
            return np.asarray(labels[found.codes])
        given = np.full(n, None, object)
        given[found.kept] = labels[found.codes]
        return given

    def predict_proba(self, inputs: Any) -> NDArray[np.float64]:
        """The probability of each class, ``(n, k)``.

        Raises
        ------
        BadItemsError
            Some inputs can't be read.
        """
        return self._complete(inputs)[1].probabilities

    def _answers(self, outputs: NDArray[np.float32], **read: Any) -> OrdinalPredictions:
        p = probabilities_of(outputs, self.card.link)
        codes = decide(p, self.card.rule)
        sets = self.card.sets.of(p, codes)
        return OrdinalPredictions(
            labels=self.labels, probabilities=p, codes=codes, sets=sets, **read
        )

    def _judged(
        self, data: Dataset, found: OrdinalPredictions, **facts: Any
    ) -> tuple[OrdinalEvaluation, NDArray[np.int64]]:
        assert isinstance(data.targets, OrdinalTargets)
        codes = np.asarray(data.targets.codes, np.int64)
        return judged_ordinal(codes, data, found, self.card, **facts), codes

    def own_targets(self, data: Dataset) -> Dataset:
        """Whatever the order was that the data came in, they get the model's."""
        return ordered_alike(data, self.labels)

    def _labelled(self, data: Any, targets: Any) -> Dataset:
        if not isinstance(data, Dataset):
            data = read(
                data,
                targets,
                split="test_or_all",
                columns=self.card.columns_read(),
                items=self.card.kind,
                task="ordinal",
            )
        return self.own_targets(with_volumes(data, self.card.appearance.plane))

    def _facts(self) -> dict[str, object]:
        card = self.card
        return {"kind": card.kind, "task": "ordinal", "labels": some(card.labels),
                "backbone": card.backbone, "strategy": card.strategy,
                "head": card.head}  # fmt: skip
