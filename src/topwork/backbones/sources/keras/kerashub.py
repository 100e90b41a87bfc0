"""Presets of KerasHub, where it is installed."""

from __future__ import annotations

from typing import Any

from topwork.backbones.sources.hub import hub
from topwork.backbones.sources.keras.library import keras
from topwork.backbones.sources.keras.loading import on_processor
from topwork.backbones.sources.keras.network import Framed
from topwork.backbones.sources.keras.pixels import Pixels
from topwork.errors import BackboneError
from topwork.installation import install_package


def preset(name: str) -> Framed:
    """A backbone of KerasHub by the name of its preset, or its folder.

    Raises
    ------
    BackboneError
        KerasHub isn't installed, or the preset cannot be had.
    """
    keras()
    try:
        with on_processor():
            import keras_hub
    except ImportError as error:
        raise BackboneError(
            "Presets of KerasHub need a package that is not installed.",
            remedy=install_package("keras-hub"),
            code="missing_extra",
        ) from error
    try:
        with on_processor(), hub():
            model = keras_hub.models.Backbone.from_preset(name)
            converter = keras_hub.layers.ImageConverter.from_preset(name)
    except Exception as error:
        raise BackboneError(
            f"The preset {name!r} of KerasHub could not be loaded ({type(error).__name__}).",
            remedy="Give the name of an image model's preset, with a network, "
            "or a folder that save_to_preset wrote.",
            code="weights_unreachable",
        ) from error
    return Framed(model, _pixels(converter), side=int(converter.image_size[0]))


def _pixels(converter: Any) -> Pixels:
    """Values are multiplied by a scale, and an offset is added; None stands for bytes."""
    scales, offsets = _triple(converter.scale, 1.0), _triple(converter.offset, 0.0)
    std = tuple(1 / (255 * scale) for scale in scales)
    mean = tuple(-o * s for o, s in zip(offsets, std, strict=True))
    return Pixels((mean[0], mean[1], mean[2]), (std[0], std[1], std[2]))


def _triple(value: Any, default: float) -> list[float]:
    if value is None:
        return [default] * 3
    return [float(v) for v in value] if isinstance(value, list | tuple) else [float(value)] * 3
