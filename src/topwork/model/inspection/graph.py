"""The graph of an inspector from images to distances of places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines.openvino import openvino
from topwork.heads.inspection.joined_maps import upsampling
from topwork.heads.inspection.place_gaussian import PlaceGaussian

Float32 = NDArray[np.float32]


def heat_graph(maps: Any, gaussian: PlaceGaussian, places: tuple[int, int]) -> Any:
    """The network's graph with the distributions behind it.

    Parameters
    ----------
    maps
        ``openvino.Model`` from ``uint8 (b, h, w, 3)`` to maps ``(b, c, h, w)``.
    places
        Rows and columns of the first map.

    Returns
    -------
    openvino.Model
        With the output ``(b, p)``: what `PlaceGaussian.distances` gives.
    """
    ov = openvino()
    ops, own = ov.opset13, maps.clone()
    nodes = [output.get_node().input_value(0) for output in own.outputs]
    joined = ops.concat([_resized(node, places) for node in nodes], 1)
    kernels = np.ascontiguousarray(gaussian.axes.T[:, :, None, None], np.float32)
    projected = ops.convolution(joined, kernels, [1, 1], [0, 0], [0, 0], [1, 1])
    rows = ops.reshape(projected, np.array([0, 0, -1]), True)  # (b, a, p)
    by_place = ops.transpose(rows, np.array([2, 0, 1]))
    centred = ops.subtract(by_place, np.ascontiguousarray(gaussian.means[:, None], np.float32))
    whitening = np.ascontiguousarray(gaussian.whitening, np.float32)
    whitened = ops.matmul(centred, whitening, False, False)
    squared = ops.reduce_mean(ops.multiply(whitened, whitened), np.array([2]), False)
    distances = ops.transpose(ops.sqrt(squared), np.array([1, 0]))
    return ov.Model([ops.result(distances)], own.get_parameters(), "topwork")


def _resized(node: Any, places: Sequence[int]) -> Any:
    ops = openvino().opset13
    _, _, rows, columns = (one for one in node.get_partial_shape())
    own = (int(rows.get_length()), int(columns.get_length()))
    if own == tuple(places):
        return node
    down, across = (upsampling(n, wanted) for n, wanted in zip(own, places, strict=True))
    return ops.matmul(ops.matmul(down, node, False, False), across, False, True)
