"""What fitted models with a linear head have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import resolve
from topwork.backbones.engines import Engine, TorchEngine, choose_engine
from topwork.backbones.engines.engine import BATCH
from topwork.data import Item
from topwork.features import ExtraRequest, Progress, Reading, forward, silent
from topwork.model.graph import HeadedEngine
from topwork.model.parts import LinearParts
from topwork.model.sealed_model import FEW, SealedModel, check_finite


class Outputs(NamedTuple):
    """What the graph gives for the m items that could be read, ``(m, k)`` and ``(m, d)``."""

    reading: Reading
    head: NDArray[np.float32]
    features: NDArray[np.float32]


class LinearModel(SealedModel):
    """A fitted model that is a network with a linear head on its pooled features."""

    parts: LinearParts

    def _outputs(
        self,
        items: Sequence[Item],
        *,
        extra_requests: Sequence[ExtraRequest] = (),
        keep_features: bool = True,
        see: Callable[[Sequence[int], NDArray[np.float32]], None] | None = None,
        progress: Progress = silent,
    ) -> Outputs:
        """Run the graph over all items that can be read; ``see`` is given features by batches."""
        reading = Reading()
        head: dict[int, NDArray[np.float32]] = {}
        features: dict[int, NDArray[np.float32]] = {}
        for batch in forward(
            items,
            reading,
            kind=self.kind,
            framing=self.parts.preparation,
            engine=self._engine(1 if len(items) <= FEW else BATCH),
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
            np.array([head[i] for i in reading.kept], np.float32).reshape(-1, k),
            np.array([features[i] for i in kept], np.float32).reshape(-1, d),
        )

    @property
    def _faithful(self) -> bool:
        """Whether the compiled graph answers like the network that it was made from."""
        raise NotImplementedError

    def _opened(self, batch: int) -> Engine:
        if choose_engine(self.engine, faithful=self._faithful) == "openvino":
            return super()._opened(batch)
        backbone = resolve(f"{self.card.backbone.partition('@')[0]}@{self.parts.weights}")
        eager = TorchEngine(backbone, cut=self.card.cut, batch=batch, precision="float32")
        return HeadedEngine(eager, self.parts.head)
