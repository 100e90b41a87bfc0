"""Within what a detector's numbers must lie, and how its head must look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.resized import LARGEST
from topwork.calibration.detection import SecondLook
from topwork.calibration.detection.box_features import BOX_COLUMNS
from topwork.calibration.detection.class_evidence import EVIDENCE_COLUMNS
from topwork.calibration.detection.second_look import EVIDENCE
from topwork.data import Framing
from topwork.data.preprocessing.framing import WHOLE
from topwork.heads.detection.shape import GROUPS, TOWER, HeadShape
from topwork.model.card import BoxCard, CropInput, DetectorCard, QueryDetectorCard
from topwork.model.storage.graph_file import MAX_ELEMENTS
from topwork.model.storage.limits import MAX_LABELS, check_network
from topwork.model.storage.refusal import refusal
from topwork.settings.detection import MAX_TILES

MAX_WIDTH = 1024
MAX_CHANNELS = 65_536
MAX_LEVELS = 8
MAX_QUERIES = 16_384
MAX_ODDS = 1e6


def check_detector_card(card: DetectorCard) -> None:
    """Refuse a card whose numbers are out of range or contradict each other.

    Raises
    ------
    BundleError
        Some number or text is.
    """
    framing = _check_common(card)
    _check_layout(card, framing)
    if not 1 <= card.tiles <= MAX_TILES:
        _bad("tiles that are out of range")


def check_query_card(card: QueryDetectorCard) -> None:
    """The same of a detector that gives boxes by itself.

    Raises
    ------
    BundleError
        Some number or text is.
    """
    _check_common(card)
    if not 1 <= card.n_queries <= MAX_QUERIES or not 1 <= card.width <= MAX_CHANNELS:
        _bad("queries or features that are out of range")
    if card.n_queries * max(len(card.labels), 4) > MAX_ELEMENTS:
        _bad("scores that are too large")


def crop_width(card: BoxCard) -> int:
    """Features of a crop; 0 where none are looked at."""
    return card.crops.width if card.crops is not None else 0


def _check_common(card: BoxCard) -> Framing:
    """What detectors of every form say."""
    check_network(card)
    if not 1 <= len(card.labels) <= MAX_LABELS or len(set(card.labels)) < len(card.labels):
        _bad("no labels, too many, or one twice")
    framing = card.framing
    if not isinstance(framing, Framing) or framing.mirrored or framing.geometry != "pad":
        _bad("a framing that no detector has")
    rule = card.calibration
    for value in (rule.rise, rule.fall, rule.shift):
        if not np.isfinite(value) or abs(value) > MAX_ODDS:
            _bad("a calibration that is no number")
    if card.crops is not None:
        _check_crops(card.crops)
    if min(rule.rise, rule.fall) < 0 or not 0 <= card.threshold <= 1:
        _bad("a calibration or threshold that is out of range")
    return framing


def _check_crops(crops: CropInput) -> None:
    framing = crops.framing
    if framing.mirrored or framing.geometry != "squeeze" or framing.window != WHOLE:
        _bad("a framing that no crop has")
    if max(framing.height, framing.width) > LARGEST or not 1 <= crops.width <= MAX_CHANNELS:
        _bad("crops that are out of range")


def _check_layout(card: DetectorCard, framing: Framing) -> None:
    strides = card.strides
    if not 1 <= len(strides) <= MAX_LEVELS or any(b != 2 * a for a, b in pairwise(strides)):
        _bad("strides that do not double")
    if not all(1 <= stride <= max(framing.height, framing.width) for stride in strides):
        _bad("a stride that is out of range")
    if not len(strides) - 1 <= len(card.maps) <= len(strides) or not card.maps:
        _bad("another number of maps than of strides")
    if card.width not in range(GROUPS, MAX_WIDTH + 1, GROUPS):
        _bad("a width that its groups do not divide")
    coarsest = strides[len(card.maps) - 1]
    if framing.height % coarsest or framing.width % coarsest:
        _bad("an input that its strides do not divide")
    n_cells = len(card.head_shape.layout)
    if n_cells * max(len(card.labels), card.width, 4) > MAX_ELEMENTS:
        _bad("a head that is too large")
    for stride, (channels, *size) in zip(strides, card.maps, strict=False):
        expected = [-(-framing.height // stride), -(-framing.width // stride)]
        if size != expected or not 1 <= channels <= MAX_CHANNELS:
            _bad("a map that does not belong to its stride")


def check_detection_head(arrays: Mapping[str, NDArray[Any]], shape: HeadShape) -> None:
    """Refuse tensors that are not those of a head of this shape.

    Raises
    ------
    BundleError
        One is missing, unknown, of another shape, or no number.
    """
    expected = dict(_expected(shape))
    if arrays.keys() != expected.keys():
        raise refusal(
            "head.safetensors lacks or holds what topwork does not write.", code="bad_tensors"
        )
    for name, size in expected.items():
        if arrays[name].shape != size or arrays[name].dtype != np.float32:
            raise refusal(
                f"{name} in head.safetensors has the shape {arrays[name].shape}, which does not "
                "fit the model.",
                code="other_shape",
            )
        if name.startswith("deviation") and arrays[name].min() <= 0:
            raise refusal(f"{name} in head.safetensors is not positive.", code="bad_tensors")


def read_look(arrays: Mapping[str, NDArray[Any]], n_classes: int, width: int) -> SecondLook | None:
    """The second look; None where there is none.

    Parameters
    ----------
    n_classes
        Of the detector, k.
    width
        Features that a network has of a box; 0 where there is none to ask.

    Raises
    ------
    BundleError
        An array is missing, unknown, of another shape, or out of range.
    """
    if not arrays:
        return None
    evident, k = any(name.startswith(EVIDENCE) for name in arrays), n_classes
    if evident and not width:
        raise refusal("head.safetensors asks a network that is not there.", code="other_shape")
    d, f = BOX_COLUMNS + EVIDENCE_COLUMNS * evident, width
    shapes = {"mean": (d,), "scale": (d,), "weights": (d,), "intercepts": (k,)}
    seen = {"mean": (f,), "scale": (f,), "weights": (f + 1, k + 1)}
    expected = {
        **shapes,
        **({f"{EVIDENCE}{n}": size for n, size in seen.items()} if evident else {}),
    }
    if {name: array.shape for name, array in arrays.items()} != expected:
        raise refusal("head.safetensors holds a second look of another shape.", code="other_shape")
    for name, array in arrays.items():
        kind = np.float32 if name.startswith(EVIDENCE) else np.float64
        if array.dtype != kind or (name.endswith("scale") and array.min() <= 0):
            raise refusal("head.safetensors holds a second look out of range.", code="bad_tensors")
    return SecondLook.from_arrays(arrays)


def _expected(shape: HeadShape) -> Iterator[tuple[str, tuple[int, ...]]]:
    width, levels = shape.width, len(shape.layout.strides)
    for i, (channels, _, _) in enumerate(shape.maps):
        yield f"mean{i}", (1, channels, 1, 1)
        yield f"deviation{i}", (1, channels, 1, 1)
        yield f"lateral.{i}.weight", (width, channels, 1, 1)
        yield f"lateral.{i}.bias", (width,)
        yield from _normed(f"smooth.{i}", width)
    for i in range(levels - len(shape.maps)):
        yield from _normed(f"coarse.{i}", width)
    for tower in ("class_tower", "box_tower"):
        for i in range(TOWER):
            yield from _normed(f"{tower}.{i}", width)
    for name, n in (("quality", shape.n_classes), ("distance", 4)):
        yield f"{name}.weight", (n, width, 3, 3)
        yield f"{name}.bias", (n,)
    yield "scales", (levels,)


def _normed(name: str, width: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.0.weight", (width, width, 3, 3)
    yield f"{name}.1.weight", (width,)
    yield f"{name}.1.bias", (width,)


def _bad(what: str) -> NoReturn:
    raise refusal(f"model.json says {what}.", code="bad_card")
