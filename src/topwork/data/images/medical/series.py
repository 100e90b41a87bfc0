"""The slices of DICOM series, in the order in which they lie in the body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.data.images.medical.slice_header import SliceHeader

_SAME_DIRECTION: Final = 0.02
"""By which direction cosines of slices of one stack may differ: about one degree."""

_SAME_SPACING: Final = 0.01
"""The share by which their pixel spacings may."""

_SAME_PLACE: Final = 0.01
"""Slices that are no farther apart are at one position, in mm."""


@dataclass(frozen=True, slots=True)
class Series:
    """The slices of one series, as positions among the headers that were given.

    Each header of the series is in exactly one of ``slices``, ``repeated``, ``other``,
    ``localisers`` and ``unplaced``.

    Parameters
    ----------
    name
        What the headers call it; never shown.
    slices
        Of one orientation and pixel spacing, from the feet to the head, from the front to the back
        or from the right to the left, whichever the normal of the slices is nearest to.
    places
        Of these slices: mm along the normal, rising.
    missing
        How many more would fill the gaps between them.
    repeated
        At the position of one of them.
    other
        Of another orientation or pixel spacing than most.
    localisers
        Overviews.
    unplaced
        Without a position or an orientation.
    """

    name: str = field(repr=False)
    slices: tuple[int, ...]
    places: tuple[float, ...]
    missing: int = 0
    repeated: tuple[int, ...] = ()
    other: tuple[int, ...] = ()
    localisers: tuple[int, ...] = ()
    unplaced: tuple[int, ...] = ()

    @property
    def members(self) -> tuple[int, ...]:
        """All of its headers, in the order that they were given in."""
        left_out = (*self.repeated, *self.other, *self.localisers, *self.unplaced)
        return tuple(sorted((*self.slices, *left_out)))


def series_of(headers: Sequence[SliceHeader]) -> list[Series]:
    """Tell series apart and put the slices of each in order.

    The order is that of the positions (ImagePositionPatient) projected on the normal of the slices
    (PS3.3, C.7.6.2.1.1), never that of file names or of InstanceNumber. The distance of neighbours
    is measured, because SliceThickness and SpacingBetweenSlices often don't say it.

    Parameters
    ----------
    headers
        Of n slices, in any order.

    Returns
    -------
    list of Series
        In the order of their first headers.

    Examples
    --------
    >>> flat = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    >>> headers = [SliceHeader("a", (0.0, 0.0, z), flat) for z in (6.0, 0.0, 2.0)]
    >>> series = series_of(headers)[0]
    >>> series.slices, series.places, series.missing
    ((1, 2, 0), (0.0, 2.0, 6.0), 1)
    """
    by_name: dict[str, list[int]] = {}
    for i, header in enumerate(headers):
        by_name.setdefault(header.series, []).append(i)
    return [_ordered(name, members, headers) for name, members in by_name.items()]


def _ordered(name: str, members: Sequence[int], headers: Sequence[SliceHeader]) -> Series:
    images = [i for i in members if not headers[i].is_localiser]
    stacks = _stacks([i for i in images if headers[i].is_placed], headers)
    main: list[int] = max(stacks, key=len, default=[])
    slices, places = _along_normal(main, headers)
    return Series(
        name,
        tuple(slices),
        tuple(places),
        missing=_missing(places),
        repeated=tuple(sorted(set(main) - set(slices))),
        other=tuple(sorted(i for stack in stacks if stack is not main for i in stack)),
        localisers=tuple(i for i in members if headers[i].is_localiser),
        unplaced=tuple(i for i in images if not headers[i].is_placed),
    )


def _stacks(members: Sequence[int], headers: Sequence[SliceHeader]) -> list[list[int]]:
    """Slices of one orientation and pixel spacing each; the order of the members is no matter."""
    stacks: list[list[int]] = []
    for i in sorted(members, key=lambda i: (_geometry(headers[i]), headers[i].position or (), i)):
        stack = next((one for one in stacks if _alike(headers[one[0]], headers[i])), None)
        if stack is None:
            stacks.append([i])
        else:
            stack.append(i)
    return stacks


def _geometry(header: SliceHeader) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return header.orientation or (), header.spacing or ()


def _alike(first: SliceHeader, second: SliceHeader) -> bool:
    (direction, spacing), (other, others) = _geometry(first), _geometry(second)
    return (
        len(spacing) == len(others)
        and bool(np.allclose(direction, other, rtol=0, atol=_SAME_DIRECTION))
        and bool(np.allclose(spacing, others, rtol=_SAME_SPACING, atol=0))
    )


def _along_normal(
    stack: Sequence[int], headers: Sequence[SliceHeader]
) -> tuple[list[int], list[float]]:
    """The slices of a stack in order and their places; of those at one place the first given."""
    slices: list[int] = []
    places: list[float] = []
    if not stack:
        return slices, places
    normal = _normal(np.mean(np.array([headers[i].orientation for i in stack]), axis=0))
    at = {i: float(np.dot(normal, np.array(headers[i].position))) for i in stack}
    for i in sorted(stack, key=lambda i: (at[i], i)):
        if not slices or at[i] - places[-1] > _SAME_PLACE:
            slices.append(i)
            places.append(at[i])
        else:
            slices[-1] = min(slices[-1], i)
    return slices, places


def _normal(orientation: NDArray[np.float64]) -> NDArray[np.float64]:
    """The unit normal (3,) of slices that leads to the head, the back or the left."""
    normal = np.asarray(np.cross(orientation[:3], orientation[3:]), np.float64)
    unit = np.asarray(normal / np.linalg.norm(normal), np.float64)
    return unit if unit[np.abs(unit).argmax()] > 0 else -unit


def _missing(places: Sequence[float]) -> int:
    """How many places are left out, if neighbours are as far apart as most are."""
    steps = np.diff(places)
    if len(steps) < 2:
        return 0
    usual = np.quantile(steps, 0.5, method="lower")
    return int((np.rint(steps / usual) - 1).clip(0).sum())


def evenly(places: Sequence[float], n: int) -> list[int]:
    """Choose at most n of some places, at equal distances.

    They are the nearest to the middles of n parts of equal length; where places are missing, two
    parts may have one in common, and fewer than n are chosen.

    Parameters
    ----------
    places
        In mm, rising.

    Examples
    --------
    >>> evenly([0.0, 1.0, 2.0, 3.0, 10.0], 2)
    [2, 4]
    """
    if len(places) <= n:
        return list(range(len(places)))
    at = np.asarray(places, np.float64)
    middles = at[0] + (np.arange(n) + 0.5) / n * (at[-1] - at[0])
    return sorted({int(np.abs(at - middle).argmin()) for middle in middles})
