"""The whole model as one compiled graph: bytes in, logits and features out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from topwork.backbones.engines import Engine
from topwork.backbones.engines.engine import Features, Inputs, Tag
from topwork.backbones.engines.openvino import openvino
from topwork.heads import LinearHead

_SMALLEST = 1e-30
"""Square of the length below which a row is not scaled to 1: small features are features, too."""


def fuse(features: Any, head: LinearHead) -> Any:
    """The backbone's graph with the head behind it; outputs ``logits`` and ``features``.

    Parameters
    ----------
    features
        ``openvino.Model`` from ``uint8 (b, h, w, 3)`` or ``int32 (b, t)`` to ``(b, d)``.
    """
    ov = openvino()
    ops = ov.opset13
    vector = features.outputs[0].get_node().input_value(0)
    x = vector
    if head.normalise:
        axis = ops.constant(np.array([1], np.int64))
        x = ops.normalize_l2(x, axis, _SMALLEST, "max")
    weight = ops.constant(head.weight.astype(np.float32))
    bias = ops.constant(head.bias.astype(np.float32)[None])
    logits = ops.add(ops.matmul(x, weight, False, False), bias)
    fused = ov.Model([ops.result(logits), ops.result(vector)], features.get_parameters(), "topwork")
    fused.outputs[0].get_tensor().set_names({"logits"})
    fused.outputs[1].get_tensor().set_names({"features"})
    return fused


class HeadedEngine:
    """An engine that gives features, with the head behind it: the same outputs as the graph."""

    def __init__(self, engine: Engine, head: LinearHead) -> None:
        self.name, self.precision, self.batch = engine.name, engine.precision, engine.batch
        self._engine, self._head = engine, head

    def run(self, batches: Iterable[tuple[Tag, Inputs]]) -> Iterator[tuple[Tag, list[Features]]]:
        for tag, (features,) in self._engine.run(batches):
            yield tag, [np.asarray(self._head.logits(features), np.float32), features]
