"""A fitted model that predicts several labels per item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, LabelTargets, columns_as_fitted
from topwork.data.targets.several_labels import several_labels_of
from topwork.features import ExtraRequest
from topwork.model.card import LabelsCard
from topwork.model.labels.evaluation import LabelsEvaluation, evaluate_labels
from topwork.model.labels.predictions import LabelsPredictions
from topwork.model.linear_model import LinearModel
from topwork.model.parts import LabelsParts
from topwork.model.sealed_model import BATCHED, check_complete
from topwork.model.short_repr import some
from topwork.runtime.progress import Progress, silent
from topwork.settings.choices import EngineName
from topwork.tasks.labels.thresholds import probability
from topwork.tasks.reading import read_as


class LabelsModel(LinearModel):
    """A fitted tagger; ``topwork.load`` gives one, ``ImageTagger.fit`` makes one.

    Parameters
    ----------
    parts
        What it is made of.
    engine
        ``openvino``, ``torch``, or ``auto`` to choose by device.
    keep
        Whatever has to live as long as the model, such as a temporary folder.
    """

    parts: LabelsParts

    def __init__(
        self, parts: LabelsParts, *, engine: EngineName = "auto", keep: object = None
    ) -> None:
        super().__init__(parts, engine=engine, keep=keep)

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
        items = self._items(inputs)
        found = self.predictions(items)
        check_complete(found.rejected, found.remarks, len(items), bad)
        given = np.full((len(items), len(self.labels)), -1, np.int8)
        given[found.kept] = found.given
        return given

    def predict_proba(self, inputs: Any) -> NDArray[np.float64]:
        """The probability of each label, ``(n, L)``.

        Raises
        ------
        BadItemsError
            Some inputs can't be read.
        """
        items = self._items(inputs)
        found = self.predictions(items)
        check_complete(found.rejected, found.remarks, len(items), "raise")
        return found.probabilities

    def predictions(
        self,
        inputs: Any,
        *,
        extra_requests: Sequence[ExtraRequest] = (),
        keep_features: bool = False,
        stored: bool = False,
        progress: Progress = silent,
    ) -> LabelsPredictions:
        """Labels with probabilities for all inputs; bad ones are in ``rejected``.

        Parameters
        ----------
        inputs
            As for :meth:`predict`.
        extra_requests
            Who else wants to see the items while they are open.
        keep_features
            Whether ``features`` are returned.
        stored
            Whether features of a hundred items or more are stored for the next time.
        """
        items = self._items(inputs)
        reading, head, features = self._outputs(
            items,
            extra_requests=extra_requests,
            keep_features=keep_features,
            stored=stored,
            progress=progress,
        )
        probabilities = probability(head)
        return LabelsPredictions(
            kept=reading.kept,
            names=[items[i].name for i in reading.kept],
            keys=reading.keys,
            labels=self.labels,
            probabilities=probabilities,
            given=probabilities >= np.array(self.card.thresholds),
            rejected=reading.rejected,
            cut_short=reading.cut_short,
            remarks=self._remarks(reading),
            features=features if keep_features else None,
        )

    def predict_batches(self, inputs: Any, *, size: int = BATCHED) -> Iterator[LabelsPredictions]:
        """The same of any number of inputs, so many at a time, in memory that doesn't grow."""
        source = inputs if isinstance(inputs, Iterator) else iter(self._items(inputs))
        while chunk := list(islice(source, size)):
            yield self.predictions(chunk)

    def evaluate(
        self, data: Any, labels: Any = None, *, cache: bool = True, progress: Progress = silent
    ) -> LabelsEvaluation:
        """An honest number on other data.

        Parameters
        ----------
        data, labels
            As for ``fit`` of a tagger: a table, items with their labels, or a
            :class:`topwork.Dataset`. A matrix of labels has the model's labels as columns.
        cache
            Whether features of a hundred items or more are stored for the next evaluation.
        """
        return self.evaluate_items(data, labels, cache=cache, progress=progress)[0]

    def evaluate_items(
        self, data: Any, labels: Any = None, *, cache: bool = True, progress: Progress = silent
    ) -> tuple[LabelsEvaluation, LabelsPredictions]:
        """The same, and what was predicted for each item."""
        if not isinstance(data, Dataset):
            data = read_as(
                "labels",
                data,
                self._named(labels),
                split="test_or_all",
                columns=columns_as_fitted(self.card.columns),
                items=self.card.kind,
            )
        return evaluate_labels(
            data,
            card=self.card,
            training=self.parts.training,
            identity=self.identity,
            predict=lambda items, extra_requests: self.predictions(
                items,
                extra_requests=extra_requests,
                keep_features=True,
                stored=cache,
                progress=progress,
            ),
        )

    def _named(self, labels: Any) -> Any:
        """A matrix with as many columns as there are labels, as ``predict`` gives one, by name."""
        shape: tuple[int, ...] = getattr(labels, "shape", ())
        if len(shape) != 2 or shape[1] != len(self.labels) or hasattr(labels, "columns"):
            return labels
        found = several_labels_of(labels)[0]
        return LabelTargets(self.labels, found.presence, complete=False)

    @property
    def _faithful(self) -> bool:
        return self.card.faithful

    def _facts(self) -> dict[str, object]:
        card = self.card
        return {"kind": card.kind, "task": "labels", "labels": some(card.labels),
                "backbone": card.backbone, "strategy": card.strategy,
                "head": card.head}  # fmt: skip
