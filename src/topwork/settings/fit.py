"""The choices of a fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from topwork.errors import ParameterError
from topwork.settings.calibration import CalibrationSettings
from topwork.settings.checked import CheckedSettings
from topwork.settings.detection import DetectionSettings
from topwork.settings.images import ImageSettings
from topwork.settings.run import RunSettings
from topwork.settings.search import SearchSettings
from topwork.settings.voi_window import AUTO_WINDOW

THOROUGH_REPEATS = 3

AUTO: Final = "auto"
"""In place of a backbone's name: whichever suits the items."""


@dataclass(kw_only=True)
class FitSettings(
    CheckedSettings,
    RunSettings,
    CalibrationSettings,
    DetectionSettings,
    ImageSettings,
    SearchSettings,
):
    """The choices of a fit: the fields of its groups.

    Raises
    ------
    ParameterError
        A value is not one of those that are allowed.
    """

    @property
    def repeats(self) -> int:
        """How many divisions into folds a model is judged on."""
        return THOROUGH_REPEATS if self.thorough else 1

    @property
    def searches(self) -> bool:
        """Whether all strategies are tried, rather than one that was asked for by name."""
        return self.strategy == AUTO

    @property
    def backbone_name(self) -> str:
        """The backbone, once it is known which one is meant."""
        assert self.backbone is not None, "the default is not filled in yet"
        return self.backbone

    def _check(self) -> None:
        if self.start is None:
            return
        for name, usual, remedy in _DECIDED_BY_START:
            if getattr(self, name) != usual:
                raise decided_by_start(name, getattr(self, name), remedy)


_KEPT = (
    "Leave it out: the model's own setting is used, as for the features stored in it. To change "
    "it, fit all items without --from (start)."
)
NEEDS_ITEMS = (
    "Leave it out: it needs the items of the earlier classes, which the model does not hold. To "
    "have it, fit all items without --from (start)."
)
_DECIDED_BY_START = (
    ("backbone", None, _KEPT),
    ("geometry", "squeeze", _KEPT),
    ("window", AUTO_WINDOW, _KEPT),
    ("strategy", "probe", NEEDS_ITEMS),
    ("thorough", False, NEEDS_ITEMS),
    ("int8", False, _KEPT),
    ("prior", None, NEEDS_ITEMS),
)
"""Settings, their defaults, and why they can't be others when continuing from a model."""


def decided_by_start(name: str, value: object, remedy: str) -> ParameterError:
    """The error for what can't be asked for when continuing from a model."""
    return ParameterError(
        f"{name} cannot be {value!r} when continuing from a model.",
        remedy=remedy,
        code="decided_by_start",
    )
