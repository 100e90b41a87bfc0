"""The choices of live recognition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from topwork.errors import ParameterError
from topwork.settings.setting import Setting


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
    seconds: Annotated[float | None, Setting("Stop after so many seconds.", metavar="SECONDS")] = (
        None
    )

    def __post_init__(self) -> None:
        for name, least in (("smooth", 0.0), ("stall", 1.0), ("seconds", 0.0)):
            value = getattr(self, name)
            if value is not None and not value >= least:
                raise ParameterError(
                    f"{name} cannot be {value}.", remedy=f"Give seconds, {least:g} or more."
                )
