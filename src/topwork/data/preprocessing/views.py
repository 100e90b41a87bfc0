"""Views: the ways of looking at one item, and how each frames it."""

from __future__ import annotations

import math
from dataclasses import replace
from hashlib import blake2b
from typing import Final

import numpy as np

from topwork.data.preprocessing.framing import Framing, Window
from topwork.data.preprocessing.tiles import magnification, tile_windows
from topwork.errors import ParameterError

PLAIN: Final = "plain"
"""The view that shows an item as it is."""

MIRRORED: Final = "mirrored"
"""The view with left and right swapped."""

SMALLEST_CROP: Final = 0.35
"""Share of the area that a random crop keeps at least; raise `DECODER_VERSION` with it."""

_ASPECT: Final = 4 / 3
_CROP: Final = "crop "
_ZOOM: Final = "zoom "
_TILE: Final = "tile "
_PATCH: Final = "patch "

MIN_ZOOM: Final = 0.6
MAX_ZOOM: Final = 1.6
"""Between these an object is shown, in its plain size; raise `DECODER_VERSION` with them."""

_STRETCH: Final = 1.15


def standard_views(n: int) -> tuple[str, ...]:
    """The first n views: plain, mirrored, then random crops.

    Examples
    --------
    >>> standard_views(4)
    ('plain', 'mirrored', 'crop 1', 'crop 2')
    """
    if n < 1:
        raise ParameterError(
            f"The number of views is {n}.", remedy="Give at least 1, the plain view."
        )
    return (PLAIN, MIRRORED, *(f"{_CROP}{i}" for i in range(1, n - 1)))[:n]


def zoomed_views(n: int) -> tuple[str, ...]:
    """The first n views for finding objects: plain, mirrored, then larger and smaller ones.

    Examples
    --------
    >>> zoomed_views(4)
    ('plain', 'mirrored', 'zoom 1', 'zoom 2')
    """
    return tuple(view.replace(_CROP, _ZOOM) for view in standard_views(n))


def tiled_views(n: int, tiles: int) -> tuple[str, ...]:
    """The n views for finding small objects: plain, all tiles, then parts as large as tiles.

    Parameters
    ----------
    n
        At least one more than there are tiles.
    tiles
        Per side; with 1 these are `zoomed_views`.

    Examples
    --------
    >>> tiled_views(6, 2)
    ('plain', 'tile 2 0', 'tile 2 1', 'tile 2 2', 'tile 2 3', 'patch 2 0')
    """
    if tiles == 1:
        return zoomed_views(n)
    own = tuple(f"{_TILE}{tiles} {i}" for i in range(tiles**2))
    return (PLAIN, *own, *(f"{_PATCH}{tiles} {i}" for i in range(n - 1 - len(own))))


def framing_of(view: str, framing: Framing, key: bytes) -> Framing:
    """How a view of the item with this content key is framed.

    Random crops keep ``SMALLEST_CROP`` to all of the area, stretch it by up to 4/3, and half of
    them are mirrored (Szegedy et al. 2015, Going deeper with convolutions, section 6, with a larger
    smallest area). Zooms show ``MIN_ZOOM`` to ``MAX_ZOOM`` of the plain size, padded, and patches
    the same of the size in a tile. All are drawn from the content key and the view's name alone,
    so that an item has the same views in every run and on every machine.

    Raises
    ------
    topwork.errors.ParameterError
        There is no such view.

    Examples
    --------
    >>> framing_of("mirrored", Framing(8, 8), bytes(16)).mirrored
    True
    >>> crop = framing_of("crop 1", Framing(8, 8), bytes(16))
    >>> crop == framing_of("crop 1", Framing(8, 8), bytes(16)), crop == Framing(8, 8)
    (True, False)
    """
    if view == PLAIN:
        return framing
    if view == MIRRORED:
        return replace(framing, mirrored=True)
    kind = next((name for name in (_CROP, _ZOOM, _TILE, _PATCH) if view.startswith(name)), "")
    numbers = view.removeprefix(kind).split(" ")
    if not (
        kind
        and len(numbers) == 1 + (kind in (_TILE, _PATCH))
        and all(number.isdecimal() for number in numbers)
        and (kind != _PATCH or int(numbers[0]) > 0)
        and (kind != _TILE or int(numbers[1]) < int(numbers[0]) ** 2)
    ):
        raise ParameterError(
            f"There is no view {view!r}.",
            remedy=f"Use {PLAIN!r}, {MIRRORED!r}, or '{_CROP}1', '{_ZOOM}1', '{_TILE}2 0', "
            f"'{_PATCH}2 0' and so on.",
        )
    if kind == _TILE:
        return replace(framing, window=tile_windows(int(numbers[0]))[int(numbers[1])])
    digest = blake2b(key, digest_size=8, person=view.encode()[:16]).digest()
    rng = np.random.default_rng(int.from_bytes(digest, "big"))
    larger = magnification(int(numbers[0])) if kind == _PATCH else 1.0
    window = _window(rng) if kind == _CROP else _zoom(rng, larger)
    return replace(framing, window=window, mirrored=bool(rng.random() < 0.5))


def _window(rng: np.random.Generator) -> Window:
    area = rng.uniform(SMALLEST_CROP, 1.0)
    stretch = math.exp(rng.uniform(-math.log(_ASPECT), math.log(_ASPECT)))
    width = min(1.0, math.sqrt(area * stretch))
    height = min(1.0, math.sqrt(area / stretch))
    left, top = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    return (left, top, min(1.0, left + width), min(1.0, top + height))


def _zoom(rng: np.random.Generator, larger: float = 1.0) -> Window:
    """A window that may reach beyond the image; its middle part is always in the image."""
    zoom = larger * math.exp(rng.uniform(math.log(MIN_ZOOM), math.log(MAX_ZOOM)))
    stretch = math.exp(rng.uniform(-math.log(_STRETCH), math.log(_STRETCH)) / 2)
    width, height = stretch / zoom, 1 / stretch / zoom
    # inside where it is smaller than the image, around it where it is larger
    left = rng.uniform(min(0.0, 1 - width), max(0.0, 1 - width))
    top = rng.uniform(min(0.0, 1 - height), max(0.0, 1 - height))
    return (left, top, left + width, top + height)
