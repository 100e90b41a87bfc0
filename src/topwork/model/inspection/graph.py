"""The graph of an inspector from images to distances of places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines.openvino import openvino
from topwork.heads.inspection.joined_maps import upsampling
from topwork.heads.inspection.normality import Normality
from topwork.heads.inspection.patch_memory import PatchMemory
from topwork.heads.inspection.place_gaussian import PlaceGaussian

Float32 = NDArray[np.float32]


def heat_graph(maps: Any, head: Normality, places: tuple[int, int]) -> Any:
    """The network's graph with what good parts look like behind it.

    Parameters
    ----------
    maps
        ``openvino.Model`` from ``uint8 (b, h, w, 3)`` to maps ``(b, c, h, w)``.
    places
        Rows and columns of the first map.

    Returns
    -------
    openvino.Model
        With the output ``(b, p)``: what ``head.distances`` gives.
    """
    ov = openvino()
    ops, own = ov.opset13, maps.clone()
    nodes = [output.get_node().input_value(0) for output in own.outputs]
    joined = ops.concat([_resized(node, places) for node in nodes], 1)
    kernels = np.ascontiguousarray(head.axes.T[:, :, None, None], np.float32)
    projected = ops.convolution(joined, kernels, [1, 1], [0, 0], [0, 0], [1, 1])
    rows = ops.reshape(projected, np.array([0, 0, -1]), True)  # (b, a, p)
    squared = _from_patches(rows, head) if isinstance(head, PatchMemory) else _by_place(rows, head)
    distances = ops.sqrt(squared)
    return ov.Model([ops.result(distances)], own.get_parameters(), "topwork")


def _by_place(rows: Any, head: PlaceGaussian) -> Any:
    """Squared distances ``(b, p)`` of rows ``(b, a, p)`` from the distribution of each place."""
    ops = openvino().opset13
    by_place = ops.transpose(rows, np.array([2, 0, 1]))
    centred = ops.subtract(by_place, np.ascontiguousarray(head.means[:, None], np.float32))
    whitened = ops.matmul(centred, np.ascontiguousarray(head.whitening, np.float32), False, False)
    squared = ops.reduce_mean(ops.multiply(whitened, whitened), np.array([2]), False)
    return ops.transpose(squared, np.array([1, 0]))


def _from_patches(rows: Any, head: PatchMemory) -> Any:
    """The same from the nearest patch."""
    ops = openvino().opset13
    halves = (np.square(head.patches).sum(axis=1) / 2).astype(np.float32)
    centred = ops.subtract(rows, np.ascontiguousarray(head.centre[:, None], np.float32))
    patches = np.ascontiguousarray(head.patches, np.float32)
    near = ops.subtract(ops.matmul(centred, patches, True, True), halves)  # (b, p, m)
    nearest = ops.reduce_max(near, np.array([2]), False)
    own = ops.reduce_sum(ops.multiply(centred, centred), np.array([1]), False)
    squared = ops.subtract(own, ops.multiply(nearest, np.float32(2)))
    return ops.divide(ops.relu(squared), np.float32(len(head.centre)))


def _resized(node: Any, places: Sequence[int]) -> Any:
    ops = openvino().opset13
    _, _, rows, columns = (one for one in node.get_partial_shape())
    own = (int(rows.get_length()), int(columns.get_length()))
    if own == tuple(places):
        return node
    down, across = (upsampling(n, wanted) for n, wanted in zip(own, places, strict=True))
    return ops.matmul(ops.matmul(down, node, False, False), across, False, True)
