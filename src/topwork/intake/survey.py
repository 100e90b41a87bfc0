"""One pass over the items, for everything that a fit wants to see of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.features import FeatureRequest
from topwork.features.opened_backbone import (
    FrozenPart,
    OpenedBackbone,
    check_takes,
    open_backbone,
    read_once,
)
from topwork.quality import Similarity
from topwork.quality.item_fingerprints import fingerprints_of
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings
from topwork.trials.modality import MODALITY_TRIALS
from topwork.trials.resolved import resolved


@dataclass(frozen=True, slots=True)
class Survey:
    """The n readable items as the fit sees them.

    Parameters
    ----------
    frozen
        Their features.
    pixels
        The same items as the simplest baseline sees them, where that is wanted.
    similarity
        What they are compared by.
    """

    frozen: FrozenPart
    pixels: FrozenPart | None
    similarity: Similarity

    @property
    def sketches(self) -> NDArray[np.int8] | None:
        """Images in 99 bytes each, ``(n, 99)``."""
        return self.similarity.compact()


def survey(
    data: Dataset,
    context: RunContext[FitSettings],
    *,
    opened: OpenedBackbone | None = None,
    step: str = "Features",
) -> Survey:
    """Decode all items once for everything that is wanted, and read their sizes.

    Parameters
    ----------
    opened
        A backbone at hand, in place of the one that the settings name.
    step
        What people call the pass.

    Raises
    ------
    DataError
        More items than allowed can't be read.
    """
    settings = resolved(context.settings, data.kind.name)
    asked = opened or open_backbone(settings.backbone_name, settings)
    check_takes(asked.backbone, data)
    sketches = fingerprints_of(data.kind.name, keep=settings.cache)
    beside: list[FeatureRequest] = [sketches.request]
    pixels: OpenedBackbone | None = None
    request = MODALITY_TRIALS[data.kind.name].plain if settings.baselines else None
    if request is not None:
        plain = asked.backbone.name == request
        pixels = asked if plain else open_backbone(request, settings)
        beside += [] if plain else [pixels.request]
    read = read_once(
        data,
        asked.request,
        extra_requests=beside,
        max_bad=settings.max_bad,
        progress=context.steps(step),
    )
    frozen = asked.part(data, read)
    return Survey(
        frozen=frozen,
        pixels=pixels.part(data, read) if pixels else None,
        similarity=sketches.similarity(read.keys, frozen.data),
    )
