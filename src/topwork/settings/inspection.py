"""The choices of a fit on good parts only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from topwork.errors import ParameterError
from topwork.settings.calibration import check_rate
from topwork.settings.checked import CheckedSettings
from topwork.settings.run import RunSettings
from topwork.settings.setting import Setting

FALSE_ALARMS = 0.05
"""The usual promise."""

MAX_FALSE_ALARMS = 0.5
"""Above it, so many good parts are anomalous that there may be no score that isn't."""


@dataclass(kw_only=True, eq=False, repr=False)
class InspectionChoice:
    """What is looked at, and what is promised."""

    backbone: Annotated[
        str | None, Setting("SOURCE:NAME, with @FILE for local weights; a convolutional network.")
    ] = field(default=None, kw_only=False)
    false_alarms: Annotated[
        float, Setting("Fraction of new good parts that may be called anomalous.")
    ] = FALSE_ALARMS
    name_groups: Annotated[
        bool,
        Setting(
            "Whether images that seem to show one part, by their names and by what they look "
            "like, count as one.",
            off="Don't group images that seem to show one part.",
        ),
    ] = True

    def _check(self) -> None:
        check_rate("false_alarms", self.false_alarms)
        if self.false_alarms > MAX_FALSE_ALARMS:
            raise ParameterError(
                f"false_alarms must be at most {MAX_FALSE_ALARMS}, not {self.false_alarms}.",
                remedy="For 5 percent write 0.05.",
            )


@dataclass(kw_only=True)
class InspectionSettings(CheckedSettings, RunSettings, InspectionChoice):
    """The choices of a fit on good parts only.

    Raises
    ------
    ParameterError
        A value is not one of those that are allowed.
    """
