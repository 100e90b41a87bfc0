"""How the images of a data set are brought to 8-bit RGB: decided once, from a part of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.data.appearance import MEDICAL_VERSION, UNDECIDED, WHITE, Appearance
from topwork.data.dataset import Dataset
from topwork.data.files import read_file, read_head
from topwork.data.images.arrays import array_to_bytes, read_array, read_pil
from topwork.data.images.colour import has_alpha, is_deep
from topwork.data.images.deep_colour import deep_colours, is_deep_colour
from topwork.data.images.formats import sniff
from topwork.data.images.header_facts import HEAD, NOTHING, HeaderFacts, header_facts
from topwork.data.images.pillow import decoding, load, open_image
from topwork.data.item import Item
from topwork.errors import BadItem, ParameterError
from topwork.settings.voi_window import AUTO_WINDOW

LOOKED_AT: Final = 1000
"""Images whose headers are looked at, drawn at random."""

DECODED: Final = 128
"""Of those that leave something open, at most so many are decoded, and until `BUDGET` is spent."""

BUDGET: Final = 400_000_000
"""Bytes of decoded images, one at a time."""

_MIN: Final = 4
_TAILS: Final = (0.005, 0.995)
"""Shares of an image's pixels, so that dead and hot ones don't count."""

_OUTLIERS, _TOO_WIDE = 20, 4.0
"""One image in 20 at either end is left out where the range is four times as wide with it."""

_STEPS: Final = 16
"""Levels are rounded outwards to about this part of their range: more images must not move them."""

_VALUES: Final = 1 << 16
_SIDE: Final = 64
_MANY: Final = 1_000_000
_WEAK: Final = 12.0
"""Standard deviation, in grey levels, below which an image hardly shows on its background."""

_WORTH: Final = 0.05
"""Share of the images that another background must show which white doesn't."""

_BACKGROUNDS: Final = (WHITE, 0, 128)


def surveyed(data: Dataset, window: str = AUTO_WINDOW) -> Dataset:
    """The same data with one appearance for all of its images, where it isn't decided yet.

    Parameters
    ----------
    window
        Of DICOM and NIfTI, which values are shown; see `topwork.settings.voi_window`.

    Raises
    ------
    topwork.errors.ParameterError
        Another window than the usual is asked for, and no item is such a file.

    Examples
    --------
    >>> dark, light = (np.full((8, 8), level, np.uint16) for level in (100, 3000))
    >>> items = [Item("item 0", value=dark), Item("item 1", value=light)]
    >>> surveyed(Dataset(items)).kind.appearance.levels
    (0.0, 3072.0)
    """
    kind = data.kind
    if window != AUTO_WINDOW and not data.medical:
        raise ParameterError(
            f"window cannot be {window!r}: none of the items is a DICOM or NIfTI file.",
            remedy="Leave it out.",
            code="medical_only",
        )
    if kind.appearance != UNDECIDED:
        return data
    look = appearance_of(data.items)
    if data.medical:
        look = replace(look, window=window, medical_version=MEDICAL_VERSION, plane=data.plane)
    return replace(data, kind=kind.with_appearance(look))


def appearance_of(items: Sequence[Item]) -> Appearance:
    """Decide for a data set: levels where images are deep, a background where some have alpha."""
    some: Iterable[int] = range(len(items))
    if len(items) > LOOKED_AT:
        some = np.sort(np.random.default_rng(0).permutation(len(items))[:LOOKED_AT])
    seen = [(items[i], _facts(items[i])) for i in some]
    order = np.random.default_rng(0).permutation(len(seen))
    deep = [seen[i][0] for i in order if seen[i][1].deep]
    clear = [seen[i][0] for i in order if seen[i][1].transparent]
    return Appearance(
        levels=_levels(_values(deep)) if deep else None,
        background=_background(_layers(clear)) if clear else WHITE,
    )


def _facts(item: Item) -> HeaderFacts:
    try:
        if item.path is not None:
            head = read_head(item.path, HEAD)
            whole = head[:2] in (b"II", b"MM") and len(head) == HEAD
            return header_facts(read_file(item.path) if whole else head)
        if isinstance(item.value, bytes):
            return header_facts(item.value)
        if isinstance(item.value, np.ndarray):
            read_array(item.value)
            return header_facts(item.value)
        from PIL.Image import Image

        if isinstance(item.value, Image):
            return HeaderFacts(deep=is_deep(item.value), transparent=has_alpha(item.value))
    except BadItem:
        pass
    return NOTHING


def _values(items: Iterable[Item]) -> Iterator[NDArray[np.float64]]:
    """Some of each image's numbers, those that are finite, (m,)."""
    for values in _within_budget(items, _numbers):
        flat = values.reshape(-1)
        part = flat[:: max(1, flat.size // _VALUES)].astype(np.float64)
        if np.isfinite(part).any():
            yield part[np.isfinite(part)]


def _within_budget(
    items: Iterable[Item], decode: Callable[[Item], np.ndarray]
) -> Iterator[np.ndarray]:
    spent, done = 0, 0
    for item in items:
        if done >= DECODED or (done >= _MIN and spent > BUDGET):
            return
        try:
            values = decode(item)
        except BadItem:
            continue
        spent, done = spent + values.nbytes, done + 1
        yield values


def _numbers(item: Item) -> np.ndarray:
    """An image's numbers as they are, without alpha."""
    data: Any = item.value if item.path is None else read_file(item.path)
    if isinstance(data, bytes):
        name = sniff(data)
        opened = open_image(name, data)
        if is_deep_colour(opened, data):
            values = deep_colours(name, data)
            return values[..., :-1] if values.shape[2] % 2 == 0 else values
        return np.asarray(load(name, data, opened))
    content = read_array(data) if isinstance(data, np.ndarray) else read_pil(data)
    values = np.asarray(content.data)
    return values[..., :3] if values.shape[2:] == (4,) else values


@dataclass(slots=True)
class _Ranges:
    """What was seen of the images' numbers."""

    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    least: float = math.inf
    most: float = -math.inf


def _levels(images: Iterable[NDArray[np.float64]]) -> tuple[float, float] | None:
    """One range for all, without the extreme pixels of each and without extreme images."""
    seen = _Ranges()
    for values in images:
        low, high = np.quantile(values, _TAILS)
        seen.low.append(float(low))
        seen.high.append(float(high))
        seen.least, seen.most = min(seen.least, values.min()), max(seen.most, values.max())
    if not seen.low:
        return None
    low, high = _without_outliers(np.sort(seen.low), np.sort(seen.high))
    if high <= low:
        low, high = seen.least, seen.most
    if high <= low or not math.isfinite(high - low):
        return None
    return _rounded(low, high, seen)


def _without_outliers(low: NDArray[np.float64], high: NDArray[np.float64]) -> tuple[float, float]:
    out = len(low) // _OUTLIERS
    inner = float(low[out]), float(high[len(high) - 1 - out])
    outer = float(low[0]), float(high[-1])
    wide = outer[1] - outer[0] > _TOO_WIDE * (inner[1] - inner[0])
    return inner if out and wide and inner[1] > inner[0] else outer


def _rounded(low: float, high: float, seen: _Ranges) -> tuple[float, float]:
    """Outwards, to the whole range of a format where most of it is used."""
    for full in (255.0, 65535.0):
        if seen.least >= 0 and seen.most <= full and high > full / 2 and low < full / 4:
            return 0.0, full
    step = 2.0 ** math.floor(math.log2((high - low) / _STEPS))
    return math.floor(low / step) * step, math.ceil(high / step) * step


def _layers(items: Iterable[Item]) -> Iterator[NDArray[np.float64]]:
    """Grey levels and alpha, 0 to 1, of small versions: (2, h, w); only where something is."""
    for values in _within_budget(items, _small):
        if values[1].min() < 1:
            yield values


def _small(item: Item) -> NDArray[np.float64]:
    from PIL import Image

    value: Any = item.value if item.path is None else read_file(item.path)
    if isinstance(value, bytes):
        name = sniff(value)
        image: Image.Image = load(name, value, open_image(name, value))
    elif isinstance(value, np.ndarray):
        image = Image.fromarray(np.ascontiguousarray(array_to_bytes(value)))
    else:
        image = value
    with decoding():
        if image.width * image.height > _MANY:
            image = image.resize((4 * _SIDE, 4 * _SIDE), Image.Resampling.NEAREST)
        small = image.convert("RGBA").resize((_SIDE, _SIDE), Image.Resampling.BOX)
        parts = np.asarray(small.convert("LA"), np.float64)
    return np.stack([parts[..., 0], parts[..., 1] / 255])


def _background(images: Iterable[NDArray[np.float64]]) -> int:
    """White, unless clearly more images show something on black or on grey."""
    shown = np.array(
        [[_contrast(image[0], image[1], paper) for paper in _BACKGROUNDS] for image in images]
    )
    if not len(shown):
        return WHITE
    weak = (shown < _WEAK).mean(axis=0)
    if weak[0] - weak.min() < _WORTH:
        return WHITE
    worst = np.quantile(shown, 0.1, axis=0)
    best = max(range(len(_BACKGROUNDS)), key=lambda i: (-weak[i], worst[i]))
    return _BACKGROUNDS[best]


def _contrast(grey: NDArray[np.float64], alpha: NDArray[np.float64], paper: int) -> float:
    return float((alpha * grey + (1 - alpha) * paper).std())
