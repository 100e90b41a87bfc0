"""What can be decided for images only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from topwork.settings.choices import GEOMETRIES, Geometry, one_of
from topwork.settings.setting import Setting


@dataclass(kw_only=True, eq=False, repr=False)
class FramingSettings:
    """How images reach a network."""

    geometry: Annotated[Geometry, Setting("How an image is made square.")] = "squeeze"

    def _check(self) -> None:
        one_of("geometry", self.geometry, GEOMETRIES)


@dataclass(kw_only=True, eq=False, repr=False)
class ImageSettings(FramingSettings):
    """What can be decided for images only."""

    int8: Annotated[
        bool,
        Setting("Quantise to int8 if cross-validation shows no loss."),
    ] = False
