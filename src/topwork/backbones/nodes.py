"""Small pieces of OpenVINO graphs that several networks are built of."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from topwork.backbones.engines.openvino import openvino

_MIN: Final = 1e-12
"""A shorter vector is not made longer, as in torch's ``normalize``."""


def unit_length(vectors: Any) -> Any:
    """Vectors ``(b, d)`` scaled to length 1."""
    return openvino().opset13.normalize_l2(vectors, np.array([1]), _MIN**2, "max")


def masked_mean(states: Any, there: Any) -> Any:
    """The mean of ``(b, t, d)`` over the places that are there, ``(b, t)`` of booleans."""
    ops = openvino().opset13
    weights = ops.convert(ops.unsqueeze(there, np.int32(2)), "f32")
    total = ops.reduce_sum(ops.multiply(states, weights), np.array([1]))
    return ops.divide(total, ops.reduce_sum(weights, np.array([1])))


def means_of_maps(maps: Any) -> Any:
    """The means of maps ``(b, d, h, w)`` over all places; vectors ``(b, d)`` as they are."""
    if len(maps.get_output_partial_shape(0)) == 2:
        return maps
    return openvino().opset13.reduce_mean(maps, np.array([2, 3]), keep_dims=False)


def image_size(images: Any) -> tuple[int, int]:
    """Height and width of images ``(b, 3, h, w)``."""
    _, _, height, width = images.get_output_partial_shape(0)
    return int(height.get_length()), int(width.get_length())


def mirrored(images: Any) -> Any:
    """Images ``(b, 3, h, w)``, left and right exchanged."""
    order = np.arange(image_size(images)[1] - 1, -1, -1, dtype=np.int32)
    return openvino().opset13.gather(images, order, np.int32(3))


def resized(images: Any, height: int, width: int) -> Any:
    """Images ``(b, 3, h, w)`` at another size, as torch's bilinear kernel with antialiasing."""
    return openvino().opset13.interpolate(
        images,
        np.array([height, width], np.int32),
        "bilinear_pillow",
        "sizes",
        axes=np.array([2, 3], np.int32),
        coordinate_transformation_mode="half_pixel",
    )
