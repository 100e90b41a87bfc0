"""What a model of transformers expects to see, from its image processor."""

from __future__ import annotations

from typing import Any

from topwork.backbones.inputs import InputSpec
from topwork.errors import BackboneError

_CROP_BELOW = 384
"""ConvNeXt's processor crops only where the shorter side is less than this."""


def input_of(processor: Any) -> InputSpec:
    """The input of the model that an image processor belongs to.

    Raises
    ------
    BackboneError
        The processor names no size.
    """
    from PIL.Image import Resampling

    height, width, shorter = _sizes(processor)
    rescales = bool(getattr(processor, "do_rescale", True))
    scale = float(getattr(processor, "rescale_factor", None) or 1 / 255) * 255 if rescales else 255
    normalises = bool(getattr(processor, "do_normalize", False))
    mean = tuple(processor.image_mean) if normalises else (0.0,) * 3
    std = tuple(processor.image_std) if normalises else (1.0,) * 3
    resample = processor.resample
    return InputSpec(
        height=height,
        width=width,
        mean=(mean[0] / scale, mean[1] / scale, mean[2] / scale),
        std=(std[0] / scale, std[1] / scale, std[2] / scale),
        interpolation=Resampling(int(getattr(resample, "value", resample))).name.lower(),
        crop_fraction=min(1.0, height / shorter),
    )


def _sizes(processor: Any) -> tuple[int, int, float]:
    """Height, width, and the length of the shorter side before the crop."""
    size = dict(processor.size or {})
    crop = dict(getattr(processor, "crop_size", None) or {})
    edge = size.get("shortest_edge") or size.get("height")
    if not edge:
        raise BackboneError(
            f"The image processor's size {size} names no side.",
            remedy="Choose a model whose processor has a fixed size.",
        )
    if getattr(processor, "do_center_crop", False) and crop:
        return int(crop["height"]), int(crop["width"]), float(edge)
    fraction = getattr(processor, "crop_pct", None)
    shorter = edge / fraction if fraction and edge < _CROP_BELOW else edge
    return int(size.get("height") or edge), int(size.get("width") or edge), float(shorter)
