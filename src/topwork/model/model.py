"""The fitted thing: preprocessing, frozen part, head and calibration in one object."""

from __future__ import annotations

import hashlib
import tempfile
import threading
import warnings
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import resolve
from topwork.backbones.engines import Engine, EngineName, OpenVINOEngine, TorchEngine, choose_engine
from topwork.backbones.engines.engine import BATCH
from topwork.data import UNDECIDED, Dataset, Item, Modality, read, read_items
from topwork.errors import BadItemsError
from topwork.features import Beside, Progress, Reading, forward, silent
from topwork.features.remarks import ReadingWarning, RemarkRecord, remark_records
from topwork.heads import softmax
from topwork.model.card import Card, Label, kind_of
from topwork.model.evaluation.evaluate import Evaluation, evaluate_items
from topwork.model.evaluation.judged import JudgedItems
from topwork.model.graph import HeadedEngine
from topwork.model.predictions import Predictions
from topwork.model.short_repr import ShortRepr, some
from topwork.model.storage.bundle import Parts, read_bundle, write_bundle
from topwork.model.storage.refusal import refusal
from topwork.runtime import TemporaryFolder, cache_folder, forget_old, watch_forks, writable

BATCHED = 1024
"""Inputs that are predicted at a time where there may be any number of them."""

FEW = 4
"""Up to so many items run one by one: a full batch would cost more than it saves."""


class Model(ShortRepr):
    """A fitted model; ``topwork.load`` gives one, ``ImageClassifier.fit`` makes one.

    Parameters
    ----------
    parts
        What it is made of.
    engine
        ``openvino``, ``torch``, or ``auto`` to choose by device.
    keep
        Whatever has to live as long as the model, such as a temporary folder.
    """

    def __init__(self, parts: Parts, *, engine: EngineName = "auto", keep: object = None) -> None:
        self.parts = parts
        self.engine = engine
        self._keep = keep
        self._engines: dict[int, Engine] = {}
        self._opening = threading.Lock()
        watch_forks(self)

    def __getstate__(self) -> dict[str, Any]:
        """The files of the sealed folder, as bytes."""
        with tempfile.TemporaryDirectory() as folder:
            sealed = write_bundle(self.parts, Path(folder) / "model")
            files = {file.name: file.read_bytes() for file in sealed.iterdir()}
        return {"files": files, "engine": self.engine}

    def __setstate__(self, state: dict[str, Any]) -> None:
        sealed = TemporaryFolder()
        for name, content in state["files"].items():
            (sealed.folder / Path(name).name).write_bytes(content)
        Model.__init__(self, read_bundle(sealed.folder), engine=state["engine"], keep=sealed)

    def __deepcopy__(self, memo: object) -> Model:
        """Nothing in a model ever changes, so that copies share all of it."""
        return Model(self.parts, engine=self.engine, keep=self)

    def after_fork(self) -> None:
        """Another thread of the parent may have held it."""
        self._opening = threading.Lock()

    @property
    def card(self) -> Card:
        """Everything about the model that isn't a tensor."""
        return self.parts.card

    @property
    def kind(self) -> Modality:
        """How its items are read."""
        return kind_of(self.card)

    @property
    def identity(self) -> str:
        """The same for models that answer the same: a digest of what the answers come from."""
        plain = {"appearance"} if self.card.appearance == UNDECIDED else None
        digest = hashlib.sha256(self.card.model_dump_json(exclude=plain).encode())
        digest.update(np.ascontiguousarray(self.parts.head.weight).tobytes())
        digest.update(np.ascontiguousarray(self.parts.head.bias).tobytes())
        return digest.hexdigest()

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
        items = read_items(inputs, kind=self.card.kind)
        said = self._complete(items, bad)
        if unknown is not None and self.card.unknown_threshold is None:
            warnings.warn(
                "Detection of unknown inputs is off for this model (see its report).",
                stacklevel=2,
            )
        labels: list[Any] = [None] * len(items)
        for position, code, stranger in zip(said.kept, said.codes, said.unknown, strict=True):
            other = unknown is not None and stranger
            labels[position] = unknown if other else self.card.labels[code]
        mixed = len({type(label) for label in labels}) > 1
        return np.array(labels, dtype=object if mixed or said.rejected else None)

    def predict_proba(self, inputs: Any, *, bad: Literal["raise", "none"] = "raise") -> Any:
        """Probabilities ``(n, k)``, the classes in the order of ``labels``; NaN rows for ``none``.

        Raises
        ------
        BadItemsError
            Some inputs can't be read, and ``bad`` is ``raise``.
        """
        items = read_items(inputs, kind=self.card.kind)
        said = self._complete(items, bad)
        probabilities = np.full((len(items), len(self.card.labels)), np.nan, np.float32)
        probabilities[said.kept] = said.probabilities
        return probabilities

    def predictions(
        self,
        inputs: Any,
        *,
        beside: Sequence[Beside] = (),
        keep_features: bool = True,
        progress: Progress = silent,
    ) -> Predictions:
        """Everything the model says about the inputs; bad ones are in ``rejected``.

        Parameters
        ----------
        inputs
            As for :meth:`predict`.
        beside
            Who else wants to see the items while they are open.
        keep_features
            Whether ``features`` are returned, some 5 KB an item.
        """
        items = self._items(inputs)
        reading = Reading()
        logits: dict[int, NDArray[np.float32]] = {}
        features: dict[int, NDArray[np.float32]] = {}
        strange: dict[int, np.bool_] = {}
        for batch in forward(
            items,
            reading,
            kind=self.kind,
            framing=self.parts.preparation,
            engine=self._engine(1 if len(items) <= FEW else BATCH),
            beside=beside,
            progress=progress,
        ):
            if not all(np.isfinite(output).all() for output in batch.outputs):
                why = "The network of this model gives what is no number."
                raise refusal(why, code="not_finite")
            logits.update(zip(batch.positions, batch.outputs[0], strict=True))
            strange.update(zip(batch.positions, self._unknown(batch.outputs[1]), strict=True))
            if keep_features:
                features.update(zip(batch.positions, batch.outputs[1], strict=True))
        k, d = len(self.card.labels), self.parts.head.weight.shape[0]
        stacked = np.array([logits[i] for i in reading.kept], np.float32).reshape(-1, k)
        kept = reading.kept if keep_features else []
        rows = np.array([features[i] for i in kept], np.float32).reshape(-1, d)
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
        self, data: Any, labels: Any = None, *, seed: int = 0, progress: Progress = silent
    ) -> Evaluation:
        """An honest number on other data; see `topwork.model.evaluation.evaluate`.

        Parameters
        ----------
        data, labels
            As for ``fit`` of an estimator: class folders, a table, items with their labels, or a
            :class:`topwork.Dataset`.
        """
        return self.evaluate_items(data, labels, seed=seed, progress=progress)[0]

    def evaluate_items(
        self, data: Any, labels: Any = None, *, seed: int = 0, progress: Progress = silent
    ) -> tuple[Evaluation, JudgedItems]:
        """The same, and what was predicted for each item."""
        return evaluate_items(
            data
            if isinstance(data, Dataset)
            else read(data, labels, split="test_or_all", items=self.card.kind),
            labels=self.labels,
            statistics=self.parts.statistics,
            identity=self.identity,
            predict=lambda items, beside: self.predictions(items, beside=beside, progress=progress),
            seed=seed,
        )

    def save(self, path: str | Path) -> Path:
        """Write the bundle, a folder; see :func:`topwork.model.storage.bundle.write_bundle`."""
        return write_bundle(self.parts, Path(path))

    def _remarks(self, reading: Reading) -> tuple[RemarkRecord, ...]:
        look = self.card.appearance
        return tuple(remark_records(reading.remarks, look, usual=("common_range",)))

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

    def _items(self, inputs: Any) -> Sequence[Item]:
        if isinstance(inputs, Sequence) and all(isinstance(one, Item) for one in inputs):
            return inputs
        return read_items(inputs, kind=self.card.kind)

    def _facts(self) -> dict[str, object]:
        card = self.card
        return {"kind": card.kind, "classes": some(card.labels), "backbone": card.backbone,
                "strategy": card.strategy, "head": card.head}  # fmt: skip

    def _complete(self, items: Sequence[Item], bad: str) -> Predictions:
        said = self.predictions(items, keep_features=False)
        if said.rejected and bad == "raise":
            names = ", ".join(f"{r.path} ({r.why})" for r in said.rejected[:5])
            more = f" and {len(said.rejected) - 5} more" if len(said.rejected) > 5 else ""
            raise BadItemsError(
                f"{len(said.rejected)} of {len(items)} inputs cannot be read: {names}{more}.",
                remedy='Leave them out, or pass bad="none" to get None in their place.',
            )
        for remark in said.remarks:
            warnings.warn(remark.sentence, ReadingWarning, stacklevel=3)
        return said

    def _engine(self, batch: int) -> Engine:
        with self._opening:  # one thread at a time, so that nothing is compiled twice
            if batch not in self._engines:
                self._engines[batch] = self._opened(batch)
            return self._engines[batch]

    def _opened(self, batch: int) -> Engine:
        """Always float32: an answer must not depend on the processor or on the batch."""
        if choose_engine(self.engine, faithful=self.card.faithful) == "openvino":
            compiled = writable(cache_folder() / "compiled")
            if compiled is not None:
                forget_old(compiled)
            return OpenVINOEngine(
                self.parts.graph, precision="float32", batch=batch, compiled=compiled
            )
        backbone = resolve(f"{self.card.backbone.partition('@')[0]}@{self.parts.weights}")
        eager = TorchEngine(backbone, cut=self.card.cut, batch=batch, precision="float32")
        return HeadedEngine(eager, self.parts.head)


def load(path: str | Path, *, engine: EngineName = "auto") -> Model:
    """Read a bundle, checking every byte.

    Parameters
    ----------
    path
        The folder.
    engine
        ``openvino``, ``torch``, or ``auto`` to choose by device.

    Raises
    ------
    BundleError
        Something is missing, changed, unknown, or doesn't belong there.
    """
    return Model(read_bundle(path), engine=engine)
