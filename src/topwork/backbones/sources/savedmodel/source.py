"""Source ``savedmodel``: which folder or file leads to which graph."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from topwork.backbones.backbone import Backbone
from topwork.backbones.inputs import InputSpec
from topwork.backbones.resized import split_size
from topwork.backbones.sources.savedmodel.conversion import converted, input_of, scaled_inside
from topwork.backbones.sources.savedmodel.graph_builder import SavedGraph
from topwork.backbones.sources.savedmodel.model_files import (
    SOURCE,
    read_files,
    sealed_files,
)
from topwork.backbones.sources.savedmodel.pixel_range import BYTES, RANGES, UNIT, split_range
from topwork.errors import BackboneError

_VERSION = "1"
"""Part of the fingerprint: raise it when another output, or another input, is chosen."""


class PixelRangeWarning(UserWarning):
    """Between which values a graph wants its pixels was neither told nor found in it."""


class SavedModelSource:
    """SavedModels and frozen graphs of TensorFlow, LiteRT and ONNX, read without TensorFlow.

    ``savedmodel:NAME/RANGE@PLACE``, with any name, and ``0..1``, ``0..255`` or ``-1..1`` as the
    range of the pixels.
    """

    name = SOURCE
    by_bare_name = False

    def names(self) -> list[str]:
        return []

    def find(self, name: str, weights: Path | None) -> Backbone | None:
        bare, told = split_range(name)
        _check(bare, told)
        if weights is None:
            raise BackboneError(
                f"{SOURCE}:{name} names no folder.",
                remedy=f"Give the folder of a SavedModel or a .pb, .onnx or .tflite file, as in "
                f"{SOURCE}:mine@folder.",
                code="no_folder",
            )
        if weights.suffix == ".safetensors":
            files, sealed, spec = sealed_files(weights)
            _check(bare, sealed)
            assert isinstance(spec, InputSpec)
            return _backbone(name, weights, files.digest, sealed, (spec.height, spec.width))
        files = read_files(weights)
        seen = _seen(weights, files.digest)
        range_ = told or seen.range or _guessed(name, files.label)
        return _backbone(name, weights, files.digest, range_, seen.size)


def _backbone(name: str, place: Path, digest: str, range_: str, size: tuple[int, int]) -> Backbone:
    mean, std = RANGES[range_]
    spec = InputSpec(*size, mean, std, "bilinear", 1.0)
    text = f"{SOURCE} {_VERSION} {range_} {digest}"
    fingerprint = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    load = SavedGraph(f"{SOURCE}:{name}", place, digest, range_, spec)
    return Backbone(f"{SOURCE}:{name}", fingerprint, spec, load)


def _check(bare: str, told: str | None) -> None:
    if told is not None and told not in RANGES:
        raise BackboneError(
            f"There is no range {told!r} of pixels.",
            remedy=f"Give one of {', '.join(RANGES)} behind the name, as in "
            f"{SOURCE}:mine/0..255@folder.",
            code="unknown_range",
        )
    if split_size(bare)[1] is not None:
        raise BackboneError(
            f"In {bare!r} the input size stands before the range of the pixels.",
            remedy=f"Give the size last, as in {SOURCE}:mine/0..255/192@folder.",
            code="unknown_range",
        )


def _guessed(name: str, label: str) -> str:
    warnings.warn(
        f"{label} doesn't say which values its pixels have: {UNIT} is taken, as TensorFlow Hub "
        f"does. If that is wrong, give it, as in {SOURCE}:{name}/{BYTES}@{label} or "
        f"{SOURCE}:{name}/-1..1@{label}.",
        PixelRangeWarning,
        stacklevel=3,
    )
    return UNIT


@dataclass(frozen=True, slots=True)
class _Seen:
    """The size of a graph's images, and their range, where the graph shows it."""

    size: tuple[int, int]
    range: str | None


@lru_cache(maxsize=16)
def _seen(place: Path, digest: str) -> _Seen:  # noqa: ARG001
    """What is seen in a graph, which is converted once while its files stay as they are."""
    files = read_files(place)
    model = converted(files)
    found = input_of(model, files)
    known = BYTES if found.bytes or scaled_inside(model) else None
    return _Seen((found.height, found.width), known)
