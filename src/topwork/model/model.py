"""The fitted thing: preprocessing, frozen part, head and calibration in one object."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, Item, read, with_volumes
from topwork.features import ExtraRequest
from topwork.heads import softmax
from topwork.model.card import Card, Label
from topwork.model.evaluation.evaluate import Evaluation, evaluate_items
from topwork.model.evaluation.judged import JudgedItems
from topwork.model.heads.linear_model import LinearModel
from topwork.model.parts import Parts
from topwork.model.predictions import Predictions
from topwork.model.sealed_model import BATCHED, check_complete
from topwork.model.short_repr import some
from topwork.runtime.progress import Progress, silent
from topwork.settings.choices import EngineName


class Model(LinearModel):
    """A fitted classifier; ``topwork.load`` gives one, ``ImageClassifier.fit`` makes one.

    Parameters
    ----------
    parts
        What it is made of.
    engine
        ``openvino``, ``torch``, or ``auto`` to choose by device.
    keep
        Whatever has to live as long as the model, such as a temporary folder.

    Examples
    --------
    >>> import numpy as np, topwork as tw
    >>> rng = np.random.default_rng(0)
    >>> dark = list(rng.integers(0, 90, (6, 32, 32, 3), dtype=np.uint8))
    >>> light = list(rng.integers(160, 255, (6, 32, 32, 3), dtype=np.uint8))
    >>> classifier = tw.ImageClassifier(backbone="pixels", cache=False)
    >>> fitted = classifier.fit(dark + light, ["dark"] * 6 + ["light"] * 6).model_
    >>> fitted.labels, fitted.predict_proba(light[:2]).shape
    (['dark', 'light'], (2, 2))
    """

    parts: Parts

    def __init__(self, parts: Parts, *, engine: EngineName = "auto", keep: object = None) -> None:
        super().__init__(parts, engine=engine, keep=keep)

    @property
    def card(self) -> Card:
        """Everything about the model that isn't a tensor."""
        return self.parts.card

    @property
    def labels(self) -> list[Label]:
        """The classes, in the order of the probabilities."""
        return list(self.card.labels)

    def predict(
        self,
        inputs: Any,
        *,
        bad: Literal["raise", "none"] = "raise",
        unknown: Label | None = None,
    ) -> NDArray[Any]:
        """The label of each input: the most probable, or what costs least where the fit was told.

        Parameters
        ----------
        inputs
            Paths, folders, a table, PIL images or arrays; of a model for texts, a string is the
            text itself, and a `pathlib.Path` is a file, folder or table.
        bad
            What to do with inputs that can't be read: ``raise`` names them, ``none`` gives
            ``None`` in their place.
        unknown
            What is returned for inputs that look like none of the classes, such as ``"unknown"``
            or ``-1``; by default they get the label of a class like all others. A warning is
            given where the model calls nothing unknown.

        Raises
        ------
        BadItemsError
            Some inputs can't be read, and ``bad`` is ``raise``.
        """
        items = self._items(inputs)
        predicted = self._complete(items, bad)
        if unknown is not None and self.card.unknown_threshold is None:
            warnings.warn(
                "Detection of unknown inputs is off for this model (see its report).",
                stacklevel=2,
            )
        labels: list[Any] = [None] * len(items)
        for position, code, stranger in zip(
            predicted.kept, predicted.codes, predicted.unknown, strict=True
        ):
            other = unknown is not None and stranger
            labels[position] = unknown if other else self.card.labels[code]
        mixed = len({type(label) for label in labels}) > 1
        return np.array(labels, dtype=object if mixed or predicted.rejected else None)

    def predict_proba(self, inputs: Any, *, bad: Literal["raise", "none"] = "raise") -> Any:
        """Probabilities ``(n, k)``, the classes in the order of ``labels``; NaN rows for ``none``.

        Raises
        ------
        BadItemsError
            Some inputs can't be read, and ``bad`` is ``raise``.
        """
        items = self._items(inputs)
        predicted = self._complete(items, bad)
        probabilities = np.full((len(items), len(self.card.labels)), np.nan, np.float32)
        probabilities[predicted.kept] = predicted.probabilities
        return probabilities

    def predictions(
        self,
        inputs: Any,
        *,
        extra_requests: Sequence[ExtraRequest] = (),
        keep_features: bool = True,
        stored: bool = False,
        progress: Progress = silent,
    ) -> Predictions:
        """Everything the model says about the inputs; bad ones are in ``rejected``.

        Parameters
        ----------
        inputs
            As for :meth:`predict`.
        extra_requests
            Who else wants to see the items while they are open.
        keep_features
            Whether ``features`` are returned, some 5 KB an item.
        stored
            Whether features of a hundred items or more are stored for the next time.
        """
        items = self._items(inputs)
        strange: dict[int, np.bool_] = {}

        def see(positions: Sequence[int], features: NDArray[np.float32]) -> None:
            strange.update(zip(positions, self._unknown(features), strict=True))

        reading, stacked, rows = self._outputs(
            items,
            extra_requests=extra_requests,
            keep_features=keep_features,
            see=see,
            stored=stored,
            progress=progress,
        )
        probabilities = softmax(stacked / np.float32(self.card.temperature))
        return Predictions(
            kept=reading.kept,
            names=[items[i].name for i in reading.kept],
            keys=reading.keys,
            logits=stacked,
            probabilities=probabilities,
            features=rows,
            unknown=np.array([strange[i] for i in reading.kept], bool),
            sets=self._sets(probabilities),
            rejected=reading.rejected,
            cut_short=reading.cut_short,
            remarks=self._remarks(reading),
            threshold=self.card.threshold,
            labels=self.card.labels,
        )

    def predict_batches(self, inputs: Any, *, size: int = BATCHED) -> Iterator[Predictions]:
        """The same of any number of inputs, so many at a time, in memory that doesn't grow.

        Parameters
        ----------
        inputs
            As for :meth:`predict`; of a generator no more is taken than is being predicted.
        size
            Inputs a batch. ``kept`` counts from the start of each.
        """
        source = inputs if isinstance(inputs, Iterator) else iter(self._items(inputs))
        while chunk := list(islice(source, size)):
            yield self.predictions(chunk)

    def evaluate(
        self,
        data: Any,
        labels: Any = None,
        *,
        seed: int = 0,
        cache: bool = True,
        progress: Progress = silent,
    ) -> Evaluation:
        """An honest number on other data; see `topwork.model.evaluation.evaluate`.

        Parameters
        ----------
        data, labels
            As for ``fit`` of an estimator: class folders, a table, items with their labels, or a
            :class:`topwork.Dataset`.
        cache
            Whether features of a hundred items or more are stored for the next evaluation.
        """
        return self.evaluate_items(data, labels, seed=seed, cache=cache, progress=progress)[0]

    def evaluate_items(
        self,
        data: Any,
        labels: Any = None,
        *,
        seed: int = 0,
        cache: bool = True,
        progress: Progress = silent,
    ) -> tuple[Evaluation, JudgedItems]:
        """The same, and what was predicted for each item."""
        if not isinstance(data, Dataset):
            data = read(
                data,
                labels,
                split="test_or_all",
                columns=self.card.columns_read(),
                items=self.card.kind,
                task="classes",
            )
        return evaluate_items(
            with_volumes(data, self.card.appearance.plane),
            labels=self.labels,
            statistics=self.parts.statistics,
            identity=self.identity,
            predict=lambda items, extra_requests: self.predictions(
                items, extra_requests=extra_requests, stored=cache, progress=progress
            ),
            made_of_items=self.card.made_of_items,
            seed=seed,
        )

    def _unknown(self, features: NDArray[np.float32]) -> NDArray[np.bool_]:
        threshold = self.card.unknown_threshold
        if threshold is None:
            return np.zeros(len(features), bool)
        result: NDArray[np.bool_] = self.parts.space.scores(features) > threshold
        return result

    def _sets(self, probabilities: NDArray[np.float32]) -> NDArray[np.bool_]:
        if self.card.sets is None:
            return np.ones(probabilities.shape, bool)
        return self.card.sets.of(probabilities)

    @property
    def faithful(self) -> bool:
        return self.card.faithful

    def _facts(self) -> dict[str, object]:
        card = self.card
        return {"kind": card.kind, "classes": some(card.labels), "backbone": card.backbone,
                "strategy": card.strategy, "head": card.head}  # fmt: skip

    def _complete(self, items: Sequence[Item], bad: str) -> Predictions:
        predicted = self.predictions(items, keep_features=False)
        check_complete(predicted.rejected, predicted.remarks, len(items), bad)
        self._warn_of_columns(items)
        return predicted
