"""What can be decided for images only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from topwork.settings.choices import GEOMETRIES, Geometry, one_of
from topwork.settings.setting import Setting
from topwork.settings.voi_window import AUTO_WINDOW, voi_windows


@dataclass(kw_only=True, eq=False, repr=False)
class FramingSettings:
    """How images reach a network."""

    geometry: Annotated[Geometry, Setting("How an image is made square.")] = "squeeze"
    window: Annotated[
        str,
        Setting(
            "Of DICOM and NIfTI, the values shown: auto, file, lung, brain, bone or W,L (width, "
            "level); three names become red, green and blue.",
            metavar="WINDOW",
        ),
    ] = AUTO_WINDOW

    def _check(self) -> None:
        one_of("geometry", self.geometry, GEOMETRIES)
        voi_windows(self.window)


@dataclass(kw_only=True, eq=False, repr=False)
class ImageSettings(FramingSettings):
    """What can be decided for images only."""

    int8: Annotated[
        bool,
        Setting("Quantise to int8 if cross-validation shows no loss."),
    ] = False
