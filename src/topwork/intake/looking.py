"""One pass over the items, for everything that a fit wants to see of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.features import Progress, Wanted
from topwork.features.opened_backbone import (
    FrozenPart,
    OpenedBackbone,
    check_takes,
    open_backbone,
    read_once,
)
from topwork.quality import Looks
from topwork.quality.sketches import sketches_of
from topwork.runtime import cache_folder
from topwork.settings import FitSettings
from topwork.trials.modality import BASELINES_OF
from topwork.trials.resolved import resolved


@dataclass(frozen=True, slots=True)
class Seen:
    """The n readable items as the fit sees them.

    Parameters
    ----------
    frozen
        Their features.
    pixels
        The same items as the simplest baseline sees them, where that is wanted.
    looks
        What they are compared by.
    """

    frozen: FrozenPart
    pixels: FrozenPart | None
    looks: Looks

    @property
    def sketches(self) -> NDArray[np.int8] | None:
        """Images in 99 bytes each, ``(n, 99)``."""
        return self.looks.compact()


def look(
    data: Dataset,
    settings: FitSettings,
    progress: Progress,
    *,
    opened: OpenedBackbone | None = None,
    max_bad: float | None = None,
) -> Seen:
    """Decode all items once for everything that is wanted, and read their sizes.

    Parameters
    ----------
    opened
        A backbone at hand, in place of the one that the settings name.
    max_bad
        In place of the settings' own.

    Raises
    ------
    DataError
        More items than allowed can't be read.
    """
    settings = resolved(settings, data.kind.name)
    asked = opened or open_backbone(settings.backbone_name, settings)
    check_takes(asked.backbone, data)
    sketches = sketches_of(data.kind.name, cache_folder() if settings.cache else None)
    beside: list[Wanted] = [sketches.wanted]
    pixels: OpenedBackbone | None = None
    wanted = BASELINES_OF[data.kind.name].plain if settings.baselines else None
    if wanted is not None:
        plain = asked.backbone.name == wanted
        pixels = asked if plain else open_backbone(wanted, settings)
        beside += [] if plain else [pixels.wanted]
    allowed = settings.max_bad if max_bad is None else max_bad
    read = read_once(data, asked.wanted, beside=beside, max_bad=allowed, progress=progress)
    frozen = asked.part(data, read)
    return Seen(
        frozen=frozen,
        pixels=pixels.part(data, read) if pixels else None,
        looks=sketches.looks(read.keys, frozen.data),
    )
