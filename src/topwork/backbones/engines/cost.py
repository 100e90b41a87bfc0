"""What a graph costs, counted from the graph itself, so that it is known of every backbone."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from topwork.backbones.engines.engine import Engine, Inputs, probes
from topwork.backbones.engines.graph import Graph
from topwork.backbones.inputs import Input

TYPICAL_LENGTH = 32
"""Tokens of the text that work is counted for."""

_TIMED_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class GraphCost:
    """Parameters and work of a graph up to its cut.

    Parameters
    ----------
    parameters
        Numbers in its convolutions and matrices, with what was folded into them.
    multiply_adds
        Of its convolutions and products of matrices for one item; what papers on networks
        call FLOPs.
    weights_bytes
        Size of the whole network's weights.
    """

    parameters: int
    multiply_adds: int
    weights_bytes: int


def graph_cost(graph: Graph, *, length: int = TYPICAL_LENGTH) -> GraphCost:
    """Count what a graph computes for one image, or for one text of ``length`` tokens."""
    model = graph.read()
    shape = model.inputs[0].get_partial_shape()
    shape[0] = 1
    for axis in range(1, len(shape)):
        if shape[axis].is_dynamic:
            shape[axis] = length
    model.reshape(shape)
    nodes = model.get_ops()
    return GraphCost(
        parameters=sum(_size(n) for n in nodes if _holds_weights(n)),
        multiply_adds=sum(_multiply_adds(n) for n in nodes),
        weights_bytes=graph.weights.stat().st_size,
    )


def _size(node: Any) -> int:
    return math.prod(node.output(0).get_shape())


def _holds_weights(node: Any) -> bool:
    return node.get_type_name() == "Constant" and bool(node.get_element_type().is_real())


def _multiply_adds(node: Any) -> int:
    """Outputs times what each is a sum of; 0 for everything but convolutions and matrices."""
    kind = node.get_type_name()
    if kind in ("Convolution", "GroupConvolution"):
        # (out, in, h, w), or (groups, out, in, h, w)
        summed = math.prod(node.input(1).get_shape()[1 if kind == "Convolution" else 2 :])
    elif kind == "MatMul":
        transposed = node.get_attributes()["transpose_a"]
        summed = node.input(0).get_shape()[-2 if transposed else -1]
    else:
        return 0
    return _size(node) * int(summed)


def images_per_second(engine: Engine, spec: Input) -> float:
    """How many items the engine gets through here, decoding aside; takes half a second."""
    inputs = probes(spec, n=engine.batch)[0]
    batches, seconds = 1, _seconds(engine, inputs, 1)  # the first run warms it up
    while batches == 1 or seconds < _TIMED_SECONDS:
        batches *= 2
        seconds = _seconds(engine, inputs, batches)
    return batches * engine.batch / seconds


def _seconds(engine: Engine, inputs: Inputs, batches: int) -> float:
    begun = time.perf_counter()
    for _ in engine.run(repeat((0, inputs), batches)):
        pass
    return time.perf_counter() - begun
