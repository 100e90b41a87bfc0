"""How a Keras model wants the values of images, found by asking its own preprocessing."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

import numpy as np

from topwork.backbones.sources.keras.applications import Application
from topwork.backbones.sources.keras.flatten import Program

Triple = tuple[float, float, float]
_NEUTRAL = ("ZeroPadding2D", "Random", "Dropout", "Identity")


@dataclass(frozen=True, slots=True)
class Pixels:
    """Mean and deviation of red, green and blue in 0..1, and whether blue comes first."""

    mean: Triple
    std: Triple
    bgr: bool = False


UNIT = Pixels((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
"""Values in 0..1."""

BYTES = Pixels((0.0, 0.0, 0.0), (1 / 255, 1 / 255, 1 / 255))
"""Values in 0..255."""


def pixels_of(application: Application) -> Pixels:
    """What a network of Keras Applications was trained with, from its ``preprocess_input``."""
    module = importlib.import_module(f"keras.applications.{application.module}")
    black = module.preprocess_input(np.zeros((1, 1, 1, 3), np.float32))[0, 0, 0]
    changes = [
        module.preprocess_input(np.eye(3, dtype=np.float32)[None, None, channel] * 255)[0, 0, 0]
        - black
        for channel in (slice(0, 1), slice(1, 2), slice(2, 3))
    ]
    places = [int(np.argmax(np.abs(change))) for change in changes]
    scales = [float(change[place]) for change, place in zip(changes, places, strict=True)]
    mean = [0.0 - float(black[p]) / s for p, s in zip(places, scales, strict=True)]
    red, green, blue = (1 / s for s in scales)
    return Pixels((mean[0], mean[1], mean[2]), (red, green, blue), places == [2, 1, 0])


def scales_itself(program: Program) -> bool:
    """Whether a model computes on the pixels before its first layer with weights."""
    for call in program.calls:
        if getattr(call.operation, "weights", None) and not _is_normalisation(call.operation):
            return False
        if not type(call.operation).__name__.startswith(_NEUTRAL):
            return True
    return False


def _is_normalisation(operation: object) -> bool:
    return type(operation).__name__ == "Normalization"
