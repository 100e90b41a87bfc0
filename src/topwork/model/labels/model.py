"""A fitted model that predicts several labels per item."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, LabelTargets
from topwork.data.targets.several_labels import several_labels_of
from topwork.model.head_card import LabelsCard
from topwork.model.heads.model import HeadModel
from topwork.model.labels.evaluation import LabelsEvaluation, judged_labels, matched
from topwork.model.labels.predictions import LabelsPredictions
from topwork.model.parts import LabelsParts
from topwork.model.short_repr import some
from topwork.tasks.labels.task import rarest
from topwork.tasks.labels.thresholds import probability


class LabelsModel(HeadModel[LabelsPredictions, LabelsEvaluation]):
    """A fitted tagger; ``topwork.load`` gives one, ``ImageTagger.fit`` makes one."""

    parts: LabelsParts

    @property
    def card(self) -> LabelsCard:
        """Everything about the model that isn't a tensor."""
        return self.parts.card

    @property
    def labels(self) -> tuple[str, ...]:
        """The L labels, in the order of the probabilities."""
        return tuple(self.card.labels)

    def predict(self, inputs: Any, *, bad: Literal["raise", "none"] = "raise") -> NDArray[np.int8]:
        """Which labels each input has, int8 ``(n, L)``: 1 from the label's threshold on.

        Parameters
        ----------
        inputs
            Paths, folders, a table, PIL images or arrays; of a model for texts, a string is the
            text itself, and a `pathlib.Path` is a file, folder or table.
        bad
            What to do with inputs that can't be read: ``raise`` names them, ``none`` gives a row of
            -1 in their place.

        Raises
        ------
        BadItemsError
            Some inputs can't be read, and ``bad`` is ``raise``.
        """
        n, found = self._complete(inputs, bad)
        given = np.full((n, len(self.labels)), -1, np.int8)
        given[found.kept] = found.given
        return given

    def predict_proba(self, inputs: Any) -> NDArray[np.float64]:
        """The probability of each label, ``(n, L)``.

        Raises
        ------
        BadItemsError
            Some inputs can't be read.
        """
        return self._complete(inputs)[1].probabilities

    def _answers(self, outputs: NDArray[np.float32], **read: Any) -> LabelsPredictions:
        p = probability(outputs)
        given = p >= np.array(self.card.thresholds)
        return LabelsPredictions(labels=self.labels, probabilities=p, given=given, **read)

    def _judged(
        self, data: Dataset, found: LabelsPredictions, **facts: Any
    ) -> tuple[LabelsEvaluation, NDArray[np.int64]]:
        counts = (self.parts.training.presence == 1).sum(axis=0)
        strata = rarest(matched(data.several, self.card)[0].presence, counts)
        return judged_labels(data, found, self.card, **facts), strata

    def _labelled(self, data: Any, targets: Any) -> Dataset:
        """A matrix with as many columns as there are labels, as ``predict`` gives one, by name."""
        shape: tuple[int, ...] = getattr(targets, "shape", ())
        if len(shape) == 2 and shape[1] == len(self.labels) and not hasattr(targets, "columns"):
            presence = several_labels_of(targets)[0].presence
            targets = LabelTargets(self.labels, presence, complete=False)
        found = super()._labelled(data, targets)
        matched(found.several, self.card)  # before anything is computed
        return found

    def _facts(self) -> dict[str, object]:
        card = self.card
        return {"kind": card.kind, "task": "labels", "labels": some(card.labels),
                "backbone": card.backbone, "strategy": card.strategy,
                "head": card.head}  # fmt: skip
