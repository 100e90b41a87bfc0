"""The choices of live recognition."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from topwork.errors import ParameterError
from topwork.settings.setting import Setting

Line = tuple[float, float, float, float]
"""x1, y1, x2, y2 in pixels."""

Zone = tuple[tuple[float, float], ...]
"""The corners of a polygon, in pixels."""


def lines_of(texts: Sequence[str] | None) -> tuple[Line, ...]:
    """``10,20,30,40`` as x1, y1, x2, y2.

    Raises
    ------
    ParameterError
        It is not four numbers.
    """
    found = []
    for text in texts or ():
        numbers = _numbers(text)
        if len(numbers) != 4:
            raise ParameterError(
                f"--count cannot be {text!r}.", remedy="Write two points as x1,y1,x2,y2, in pixels."
            )
        found.append((numbers[0], numbers[1], numbers[2], numbers[3]))
    return tuple(found)


def zones_of(texts: Sequence[str] | None) -> tuple[Zone, ...]:
    """``0,0,90,0,90,90`` as corners (x, y).

    Raises
    ------
    ParameterError
        It is not three points or more.
    """
    found = []
    for text in texts or ():
        numbers = _numbers(text)
        if len(numbers) < 6 or len(numbers) % 2:
            raise ParameterError(
                f"--zone cannot be {text!r}.",
                remedy="Write three corners or more as x1,y1,x2,y2,x3,y3, in pixels.",
            )
        found.append(tuple(zip(numbers[::2], numbers[1::2], strict=True)))
    return tuple(found)


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return []
    return numbers if all(map(math.isfinite, numbers)) else []


@dataclass(kw_only=True, eq=False, repr=False)
class WatchSettings:
    """How a source is watched.

    Raises
    ------
    ParameterError
        A value can't be used.
    """

    as_live: Annotated[
        bool,
        Setting("Play a file by its own clock, dropping frames that there is no time for."),
    ] = False
    smooth: Annotated[
        float,
        Setting(
            "Seconds within which a new class is shown; 0 shows every frame as it is.",
            metavar="SECONDS",
        ),
    ] = 0.5
    stall: Annotated[
        float,
        Setting(
            "Seconds without a frame after which a live source is connected again.",
            metavar="SECONDS",
        ),
    ] = 10.0
    track: Annotated[bool, Setting("Follow objects from frame to frame.")] = False
    count: Annotated[
        Sequence[Line],
        Setting(
            "Count objects that cross the line x1,y1,x2,y2, in pixels; may be given again.",
            metavar="LINE",
            typed=list[str] | None,
            read=lines_of,
        ),
    ] = ()
    zone: Annotated[
        Sequence[Zone],
        Setting(
            "Count objects in the polygon x1,y1,x2,y2,x3,y3..., in pixels; may be given again.",
            metavar="ZONE",
            typed=list[str] | None,
            read=zones_of,
        ),
    ] = ()
    seconds: Annotated[float | None, Setting("Stop after so many seconds.", metavar="SECONDS")] = (
        None
    )

    def __post_init__(self) -> None:
        if any(line[:2] == line[2:] for line in self.count):
            raise ParameterError(
                "Both points of a line are the same.", remedy="Give two points as x1,y1,x2,y2."
            )
        for name, least in (("smooth", 0.0), ("stall", 1.0), ("seconds", 0.0)):
            value = getattr(self, name)
            if value is not None and not value >= least:
                raise ParameterError(
                    f"{name} cannot be {value}.", remedy=f"Give seconds, {least:g} or more."
                )

    @property
    def follows(self) -> bool:
        """Whether objects are followed."""
        return self.track or bool(self.count) or bool(self.zone)
