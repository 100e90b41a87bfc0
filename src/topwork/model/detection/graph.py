"""The graph of a detector from images to boxes, its head as nodes behind the network's maps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.detectors.boxes_graph import OUTPUTS
from topwork.backbones.engines.openvino import openvino
from topwork.heads.detection.layout import DetectionLayout
from topwork.heads.detection.shape import GROUPS, MAX_LOG
from topwork.model.parts import BoxParts, DetectorParts, QueryParts

Array = NDArray[np.float32]
Weights = Mapping[str, Array]

_EPSILON = 1e-5
"""Of PyTorch's group normalisation."""


def with_crop_network(maps: Any, crops: Any) -> Any:
    """Two networks as one graph to save, which keeps equal weights once.

    Parameters
    ----------
    maps
        ``openvino.Model`` from ``uint8 (b, h, w, 3)`` to maps.
    crops
        From ``uint8 (b, h, w, 3)`` to features ``(b, f)``, its first output.
    """
    ov = openvino()
    nodes = [output.get_node().input_value(0) for output in (*maps.outputs, crops.outputs[0])]
    parameters = [*maps.get_parameters(), *crops.get_parameters()]
    return ov.Model([ov.opset13.result(node) for node in nodes], parameters, "topwork")


def maps_part(graph: Any, n_maps: int) -> Any:
    """What gives the maps, of a graph that may hold a network for crops as well."""
    return _part(graph, slice(0, n_maps), 0)


def crop_part(graph: Any) -> Any:
    """The network for crops of a graph that holds one."""
    return _part(graph, slice(-1, None), 1)


def _part(graph: Any, outputs: slice, parameter: int) -> Any:
    ov, whole = openvino(), graph.clone()
    nodes = [output.get_node().input_value(0) for output in whole.outputs[outputs]]
    results = [ov.opset13.result(node) for node in nodes]
    return ov.Model(results, [whole.get_parameters()[parameter]], "topwork")


def boxes_graph(parts: BoxParts) -> Any:
    """Everything from images to boxes, as an ``openvino.Model``.

    Returns
    -------
    openvino.Model
        With the outputs ``scores (b, N, k)``, 0 to 1, ``corners (b, N, 4)`` in pixels of the
        input, and maps ``(b, c, h, w)`` of the image.
    """
    return _GRAPHS[type(parts)](parts)


def _behind_maps(parts: DetectorParts) -> Any:
    card = parts.card
    maps = maps_part(parts.graph, len(card.maps))
    return with_detection_head(maps, parts.head, card.head_shape.layout)


def _by_itself(parts: QueryParts) -> Any:
    """Scores from 0 to 1 and corners in their order, whatever the graph of a bundle gives."""
    ov, own = openvino(), maps_part(parts.graph, len(OUTPUTS))
    ops = ov.opset13
    scores, corners, features = (output.get_node().input_value(0) for output in own.outputs)
    low, high = ops.split(corners, 2, 2).outputs()
    ordered = ops.concat([low, ops.maximum(low, high)], 2)
    nodes = (ops.clamp(scores, 0.0, 1.0), ordered, features)
    return ov.Model([ops.result(node) for node in nodes], own.get_parameters(), "topwork")


_GRAPHS: Mapping[type[BoxParts], Callable[[Any], Any]] = {
    DetectorParts: _behind_maps,
    QueryParts: _by_itself,
}
"""How each form of detector gives boxes."""


def with_detection_head(maps: Any, weights: Weights, layout: DetectionLayout) -> Any:
    """The network's graph with the head behind it.

    Parameters
    ----------
    maps
        ``openvino.Model`` from ``uint8 (b, h, w, 3)`` to maps ``(b, c, h, w)``, fine to coarse.
    weights
        Of the head, by the names that training gives them.

    Returns
    -------
    openvino.Model
        With the outputs ``scores (b, N, k)``, 0 to 1, ``corners (b, N, 4)`` in pixels of the
        input, and the maps.
    """
    ov = openvino()
    ops = ov.opset13
    nodes = [output.get_node().input_value(0) for output in maps.outputs]
    levels = _pyramid(nodes, weights, n_coarse=len(layout.strides) - len(nodes))
    scores, sides = [], []
    for i, level in enumerate(levels):
        of_class = _tower(level, weights, "class_tower")
        of_box = _tower(level, weights, "box_tower")
        scores.append(_flat(_convolved(of_class, weights, "quality", pad=1)))
        distance = _convolved(of_box, weights, "distance", pad=1)
        sides.append(_flat(ops.multiply(distance, np.float32(weights["scales"][i]))))
    quality = ops.sigmoid(ops.concat(scores, 1))
    corners = _corners(ops.concat(sides, 1), layout)
    outputs = [ops.result(node) for node in (quality, corners, *nodes)]
    made = ov.Model(outputs, maps.get_parameters(), "topwork")
    made.outputs[0].get_tensor().set_names({"scores"})
    made.outputs[1].get_tensor().set_names({"corners"})
    return made


def _pyramid(nodes: Sequence[Any], weights: Weights, *, n_coarse: int) -> list[Any]:
    ops = openvino().opset13
    sums = []
    for i, node in enumerate(nodes):
        centred = ops.subtract(node, weights[f"mean{i}"])
        standard = ops.divide(centred, weights[f"deviation{i}"])
        sums.append(_convolved(standard, weights, f"lateral.{i}", pad=0))
    for i in range(len(sums) - 1, 0, -1):
        sums[i - 1] = ops.add(sums[i - 1], _doubled(sums[i]))
    levels = [_normed(one, weights, f"smooth.{i}") for i, one in enumerate(sums)]
    for i in range(n_coarse):
        levels.append(_normed(levels[-1], weights, f"coarse.{i}", stride=2))
    return levels


def _tower(x: Any, weights: Weights, name: str) -> Any:
    i = 0
    while f"{name}.{i}.0.weight" in weights:
        x = _normed(x, weights, f"{name}.{i}")
        i += 1
    return x


def _normed(x: Any, weights: Weights, name: str, *, stride: int = 1) -> Any:
    ops = openvino().opset13
    x = _convolved(x, weights, f"{name}.0", pad=1, stride=stride)
    gamma, beta = (_of_channels(weights[f"{name}.1.{one}"]) for one in ("weight", "bias"))
    return ops.swish(ops.add(ops.multiply(_standardised(x), gamma), beta))


def _standardised(x: Any) -> Any:
    """Each group of channels by its own mean and deviation.

    Not the library's ``group_normalization``: it adds up parts, one for each thread, so that the
    last digits depend on how many there are. A row of ``mvn`` is one thread's.
    """
    ops = openvino().opset13
    rows = ops.reshape(x, np.array([0, GROUPS, -1]), True)
    rows = ops.mvn(rows, np.array([2]), True, _EPSILON, "inside_sqrt")
    return ops.reshape(rows, ops.shape_of(x), False)


def _of_channels(values: Array) -> Array:
    return np.asarray(values, np.float32).reshape(1, -1, 1, 1)


def _convolved(x: Any, weights: Weights, name: str, *, pad: int, stride: int = 1) -> Any:
    ops = openvino().opset13
    weight = np.ascontiguousarray(weights[f"{name}.weight"], np.float32)
    x = ops.convolution(x, weight, [stride] * 2, [pad] * 2, [pad] * 2, [1, 1])
    bias = weights.get(f"{name}.bias")
    return x if bias is None else ops.add(x, _of_channels(bias))


def _doubled(x: Any) -> Any:
    """Each cell four times."""
    ops = openvino().opset13
    return ops.interpolate(
        x,
        np.array([2.0, 2.0], np.float32),
        "nearest",
        "scales",
        axes=np.array([2, 3]),
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )


def _flat(x: Any) -> Any:
    """``(b, c, h, w)`` to ``(b, h * w, c)``."""
    ops = openvino().opset13
    rows = ops.reshape(x, np.array([0, 0, -1]), True)
    return ops.transpose(rows, np.array([0, 2, 1]))


def _corners(sides: Any, layout: DetectionLayout) -> Any:
    ops = openvino().opset13
    strides = layout.cell_strides()[None, :, None]
    sides = ops.multiply(ops.exp(ops.minimum(sides, np.float32(MAX_LOG))), strides)
    points = layout.points()[None]
    low, high = ops.split(sides, 2, 2).outputs()
    return ops.concat([ops.subtract(points, low), ops.add(high, points)], 2)
