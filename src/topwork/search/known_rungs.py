"""The one list of rungs: what can be tried above the probe."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from topwork.data import ModalityName
from topwork.installation import extra_with, missing
from topwork.search.rungs.blend import BLEND
from topwork.search.rungs.partial import LAST_LAYERS
from topwork.search.rungs.pretrained import PretrainedRung
from topwork.search.rungs.rung import Asked, Rung
from topwork.search.rungs.unlabelled import UnlabelledRung
from topwork.search.rungs.whole import (
    ADAPTED_IMAGES,
    ADAPTED_TEXTS,
    LAST_BLOCKS,
    PAIRED_TEXTS,
    WHOLE_IMAGES,
    WHOLE_TEXTS,
)
from topwork.search.rungs.wider import DEPTHS, MIRRORED, TEXT_DEPTHS, THREE, THREE_MIRRORED

RUNGS: Final[dict[ModalityName, tuple[Rung, ...]]] = {
    "image": (
        DEPTHS,
        MIRRORED,
        THREE,
        THREE_MIRRORED,
        UnlabelledRung("image"),
        LAST_LAYERS,
        ADAPTED_IMAGES,
        WHOLE_IMAGES,
        BLEND,
        PretrainedRung("image"),
    ),
    "text": (
        TEXT_DEPTHS,
        UnlabelledRung("text"),
        PAIRED_TEXTS,
        LAST_BLOCKS,
        WHOLE_TEXTS,
        ADAPTED_TEXTS,
        PretrainedRung("text"),
    ),
}
"""Of each modality, from simple to complex. Those side by side that train the network race against
each other; of texts those come first that pay most for their time."""


def rungs_above(asked: Asked) -> list[Rung]:
    """What can be tried above the probe."""
    return [rung for rung in RUNGS[asked.modality] if rung.available(asked)]


def without_packages(rungs: Iterable[Rung]) -> dict[str, str]:
    """The reasons why rungs cannot be tried, by the names of these rungs."""
    absent = {rung.name: missing(rung.requires) for rung in rungs}
    return {name: _reason(packages) for name, packages in absent.items() if packages}


def _reason(packages: tuple[str, ...]) -> str:
    return f"training layers needs the extra {extra_with(packages)}, which is not installed"
