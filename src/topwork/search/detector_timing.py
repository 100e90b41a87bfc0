"""Whether there is time for a rung of detectors, and the record of one that isn't tried."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Final, TypeVar

from topwork.search.ladder import RungRecord
from topwork.trials.detection.fold_fitting import FoldFitting

MIN_RATIO: Final = 4.0
"""Of the time of a step of a whole network to one of the head: where even that is too much,
nothing is measured."""

SPARE: Final = 0.9
"""Share of the time that is left which a rung may take; saving and judging need some."""

Fitting = TypeVar("Fitting", bound=FoldFitting[Any])


def measured(fitting: Fitting, left: float, *, at_least: float) -> Fitting | str:
    """The same with the time of a step measured, or why there is no time for it.

    Parameters
    ----------
    left
        Seconds.
    at_least
        Seconds that a step takes: where even that is too much, nothing is measured.
    """
    needed = replace(fitting, step=at_least).seconds()
    if needed <= left * SPARE:
        begun = time.monotonic()
        fitting = replace(fitting, step=fitting.seconds_per_step())
        needed, left = fitting.seconds(), left - (time.monotonic() - begun)
    return no_time(needed, left) if needed > left * SPARE else fitting


def record(name: str, seconds: float, reason: str, n_items: int = 0) -> RungRecord:
    """What became of a rung, which was tried if it was judged on items."""
    return RungRecord(name=name, tried=n_items > 0, seconds=seconds, reason=reason, n_items=n_items)


def no_time(needed: float, left: float) -> str:
    """Why a rung isn't tried, by seconds.

    Examples
    --------
    >>> no_time(300, 60)
    'it takes about 5.0 min, and 1.0 are left (--minutes)'
    """
    left = max(left, 0.0)
    return f"it takes about {needed / 60:.1f} min, and {left / 60:.1f} are left (--minutes)"
