"""The choices of a pretraining on items without labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from topwork.errors import ParameterError
from topwork.settings.checked import CheckedSettings
from topwork.settings.choices import REFINING_OBJECTIVES, RefiningObjective, one_of
from topwork.settings.images import FramingSettings
from topwork.settings.run import RunSettings
from topwork.settings.setting import Setting


@dataclass(kw_only=True, eq=False, repr=False)
class RefiningSettings:
    """How a backbone is refined."""

    backbone: Annotated[
        str | None,
        Setting("The backbone to start from.", "``None`` takes the usual one of the modality."),
    ] = None
    objective: Annotated[
        RefiningObjective,
        Setting(
            "What a network for texts learns from.",
            "``tokens`` predicts masked or next tokens, ``pairs`` compares texts under dropout; "
            "``auto`` predicts tokens where the network has a head for it.",
        ),
    ] = "auto"
    minutes: Annotated[
        float,
        Setting("Time limit of the training of layers, in minutes.", metavar="M"),
    ] = 10.0

    def _check(self) -> None:
        one_of("objective", self.objective, REFINING_OBJECTIVES)
        if self.minutes <= 0:
            raise ParameterError(
                f"minutes cannot be {self.minutes:g}.", remedy="Give a number of minutes above 0."
            )


@dataclass(kw_only=True)
class PretrainSettings(CheckedSettings, RunSettings, FramingSettings, RefiningSettings):
    """The choices of a pretraining: the fields of its groups.

    Raises
    ------
    ParameterError
        A value can't be used.
    """
