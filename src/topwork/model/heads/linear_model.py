"""What fitted models with a linear head have in common."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import resolve
from topwork.backbones.engines import Engine, TorchEngine, choose_engine
from topwork.backbones.engines.engine import BATCH, Inputs
from topwork.data import Item
from topwork.features import ExtraRequest, FeatureStore, Reading, forward
from topwork.features.columns.images import FilesOf, ImagesHead
from topwork.features.remarks import ReadingWarning
from topwork.model.graph import HeadedEngine
from topwork.model.parts import LinearParts
from topwork.model.sealed_model import FEW, NetworkModel, check_finite
from topwork.model.storage.stored_features import stored_features
from topwork.runtime.progress import Progress, silent


class Outputs(NamedTuple):
    """What the graph gives for the m items that could be read, ``(m, k)`` and ``(m, d)``."""

    reading: Reading
    head: NDArray[np.float32]
    features: NDArray[np.float32]


class LinearModel(NetworkModel):
    """A fitted model that is a network with a linear head on its pooled features."""

    parts: LinearParts

    @property
    def training_keys(self) -> NDArray[np.uint8]:
        """The content key of every item of the fit, ``(n, 16)``: by it an item is known again."""
        return self.parts.training_keys

    def _outputs(
        self,
        items: Sequence[Item],
        *,
        extra_requests: Sequence[ExtraRequest] = (),
        keep_features: bool = True,
        see: Callable[[Sequence[int], NDArray[np.float32]], None] | None = None,
        stored: bool = False,
        progress: Progress = silent,
    ) -> Outputs:
        """Run the graph over all items that can be read.

        Parameters
        ----------
        see
            Is given features by batches.
        stored
            Whether features are taken from the store, and put there, with the head behind them.
        """
        engine = self._engine(1 if len(items) <= FEW else BATCH)
        store = stored_features(self.parts, engine, len(items)) if stored else None
        if store is not None:
            return self._stored_outputs(
                items, store, engine, extra_requests=extra_requests, see=see, progress=progress
            )
        reading = Reading()
        head: dict[int, NDArray[np.float32]] = {}
        features: dict[int, NDArray[np.float32]] = {}
        for batch in forward(
            items,
            reading,
            kind=self.kind,
            framing=self.parts.preparation,
            engine=engine,
            extra_requests=extra_requests,
            progress=progress,
        ):
            check_finite(batch.outputs)
            head.update(zip(batch.positions, batch.outputs[0], strict=True))
            if see is not None:
                see(batch.positions, batch.outputs[1])
            if keep_features:
                features.update(zip(batch.positions, batch.outputs[1], strict=True))
        d, k = self.parts.head.weight.shape
        kept = reading.kept if keep_features else []
        return Outputs(
            reading,
            self._with_columns(
                np.array([head[i] for i in reading.kept], np.float32).reshape(-1, k), reading, items
            ),
            np.array([features[i] for i in kept], np.float32).reshape(-1, d),
        )

    def _stored_outputs(
        self,
        items: Sequence[Item],
        store: FeatureStore,
        engine: Engine,
        *,
        extra_requests: Sequence[ExtraRequest],
        see: Callable[[Sequence[int], NDArray[np.float32]], None] | None,
        progress: Progress,
    ) -> Outputs:
        """The same, computing only features that are not in the store."""
        reading = Reading()
        try:
            for batch in forward(
                items,
                reading,
                kind=self.kind,
                framing=self.parts.preparation,
                engine=engine,
                known=store.known(),
                extra_requests=extra_requests,
                progress=progress,
            ):
                check_finite(batch.outputs)
                store.append(batch.keys, batch.outputs[1])
        finally:
            store.flush()
        head = self.parts.head
        if not reading.kept:
            d, k = head.weight.shape
            return Outputs(reading, np.empty((0, k), np.float32), np.empty((0, d), np.float32))
        features = store.read(reading.keys)
        if see is not None:
            see(reading.kept, features)
        return Outputs(reading, self._with_columns(head.logits(features), reading, items), features)

    def _with_columns(
        self, outputs: NDArray[np.float32], reading: Reading, items: Sequence[Item]
    ) -> NDArray[np.float32]:
        """Outputs of the head ``(m, k)``, and what the columns beside the items add."""
        beside = self.parts.beside
        if beside is None or not reading.kept:
            return outputs
        kept = [items[i] for i in reading.kept]
        if beside.images is not None:
            outputs = self._with_images(outputs, beside.images, kept, reading)
        return outputs + beside.outputs(kept)

    def _with_images(
        self,
        outputs: NDArray[np.float32],
        images: ImagesHead,
        items: Sequence[Item],
        reading: Reading,
    ) -> NDArray[np.float32]:
        """Outputs with what further images add; one that can't be read is rejected, not its item.

        It counts as missing.
        """
        files = FilesOf.of(items, images.columns)
        further, (d, k) = Reading(), self.parts.head.weight.shape
        features = np.full((len(files.items), d), np.nan, np.float32)
        of_files = np.full((len(files.items), k), np.nan, np.float32)
        if files.items:
            for batch in forward(
                files.items,
                further,
                kind=self.kind,
                framing=self.parts.preparation,
                engine=self._engine(1 if len(files.items) <= FEW else BATCH),
            ):
                check_finite(batch.outputs)
                of_files[list(batch.positions)] = batch.outputs[0]
                features[list(batch.positions)] = batch.outputs[1]
        reading.rejected += further.rejected
        return images.added(files, features, outputs, of_files)

    def head_outputs(self, inputs: Inputs) -> NDArray[np.float32]:
        """What the head gives, (m, k), for m inputs as the network takes them.

        Parameters
        ----------
        inputs
            Images (m, h, w, 3) or tokens (m, t).
        """
        engine = self._engine(BATCH)
        batches = ((i, inputs[i : i + BATCH]) for i in range(0, len(inputs), BATCH))
        found = {start: outputs[0] for start, outputs in engine.run(batches)}
        return np.concatenate([found[start] for start in sorted(found)])

    def notes_on(self, items: Sequence[Item]) -> list[str]:
        """Sentences about columns that the model was fitted with and that items lack."""
        return [] if self.parts.beside is None else self.parts.beside.notes(items)

    def _warn_of_columns(self, items: Sequence[Item]) -> None:
        for note in self.notes_on(items):
            warnings.warn(note, ReadingWarning, stacklevel=4)

    @property
    def faithful(self) -> bool:
        """Whether the compiled graph answers like the network that it was made from."""
        raise NotImplementedError

    def _opened(self, batch: int, part: str) -> Engine:
        if choose_engine(self.engine, faithful=self.faithful) == "openvino":
            return super()._opened(batch, part)
        backbone = resolve(f"{self.card.backbone.partition('@')[0]}@{self.parts.weights}")
        eager = TorchEngine(backbone, cut=self.card.cut, batch=batch, precision="float32")
        return HeadedEngine(eager, self.parts.head)
