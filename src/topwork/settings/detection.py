"""How a detector sees images, and how its threshold is chosen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from topwork.errors import ParameterError
from topwork.settings.setting import Setting

MAX_TILES = 4
"""Per side; sixteen tiles take sixteen times the work."""


@dataclass(kw_only=True, eq=False, repr=False)
class MissSettings:
    """How many of the objects or labels of an item may be missed."""

    miss: Annotated[
        float | None,
        Setting(
            "Boxes, several labels: share of those of an item that may be missed, e.g. 0.1.",
            "Thresholds are chosen so that on average no more are.",
        ),
    ] = None

    def _check(self) -> None:
        if self.miss is not None and not 0 < self.miss < 1:
            raise ParameterError(
                f"miss must be between 0 and 1, not {self.miss}.",
                remedy="To miss at most one in ten write 0.1.",
            )


@dataclass(kw_only=True, eq=False, repr=False)
class DetectionSettings(MissSettings):
    """How a detector sees images, and how its threshold is chosen."""

    tiles: Annotated[
        int | None,
        Setting(
            "Boxes: tiles per side into which images are cut for small objects; 1 for none.",
            "By default the sizes of the boxes decide; strategy auto compares tiles with none.",
        ),
    ] = None
    false_per_image: Annotated[
        float | None,
        Setting(
            "Boxes: false boxes per image that are allowed, e.g. 0.5.",
            "The threshold of the detector is chosen so that on average there are no more.",
        ),
    ] = None

    def _check(self) -> None:
        if self.tiles is not None and not 1 <= self.tiles <= MAX_TILES:
            raise ParameterError(
                f"tiles must be from 1 to {MAX_TILES}, not {self.tiles}.",
                remedy="Leave it out to let the sizes of the boxes decide.",
            )
        rate = self.false_per_image
        if rate is not None and not (math.isfinite(rate) and rate > 0):
            raise ParameterError(
                f"false_per_image must be more than 0, not {rate}.",
                remedy="For one false box in every second image write 0.5.",
            )


def check_no_promise(
    settings: DetectionSettings, predicted: str, *, may_miss: bool = False
) -> None:
    """Refuse what only detectors have, and models of several labels in part.

    Parameters
    ----------
    predicted
        What the model predicts instead, such as classes.
    may_miss
        Whether a share that may be missed can be asked of it.

    Raises
    ------
    ParameterError
        It is asked for.
    """
    for option, name, works in (
        ("--tiles", "tiles", "boxes"),
        ("--miss", "miss", "boxes and several labels"),
        ("--false-per-image", "false_per_image", "boxes"),
    ):
        if getattr(settings, name) is not None and not (name == "miss" and may_miss):
            raise ParameterError(
                f"{option} ({name}) works for {works} only, and these targets are {predicted}.",
                remedy="Leave it out.",
                code="boxes_only",
            )
