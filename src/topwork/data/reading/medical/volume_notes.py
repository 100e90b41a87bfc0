"""What must be said of the slices of volumes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from topwork.runtime.counted import counted

LOCALISERS: Final = "localisers"
OTHER: Final = "of another orientation or pixel spacing than most of their series"
REPEATED: Final = "at the position of another one of their series"
UNPLACED: Final = "without a position in a series that has some"
MISSING: Final = "missing"
GAPS: Final = "series with gaps"
NO_ORDER: Final = "series without positions"


def volume_notes(n: int, several: int, most: int, counts: Mapping[str, int]) -> list[str]:
    """Sentences about n volumes.

    Parameters
    ----------
    several
        How many have more than one slice.
    most
        Slices of each that are used.
    counts
        Of slices, by why they are left out (``LOCALISERS``, ``OTHER``, ``REPEATED``, ``UNPLACED``);
        of slices that are ``MISSING``, and of series with ``GAPS`` or ``NO_ORDER``.

    Examples
    --------
    >>> volume_notes(3, 3, 16, {REPEATED: 2})[1]
    '2 slices at the position of another one of their series: left out.'
    """
    found = [
        f"{counted(n, 'volume')}, {several} of them of several slices: up to {most} of each are "
        "used, at equal distances."
    ]
    if counts.get(LOCALISERS):
        found.append(f"{counted(counts[LOCALISERS], 'localiser')}: left out.")
    found += [
        f"{counted(counts[why], 'slice')} {why}: left out."
        for why in (OTHER, REPEATED, UNPLACED)
        if counts.get(why)
    ]
    if counts.get(GAPS):
        series = counted(counts[GAPS], "series has", "series have")
        found.append(f"{series} gaps, of {counted(counts[MISSING], 'slice')} by the distances.")
    if counts.get(NO_ORDER):
        series = counted(counts[NO_ORDER], "series has", "series have")
        found.append(f"{series} no positions: slices are taken in the order of the files.")
    return found
