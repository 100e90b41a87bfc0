"""Features of what is written about classes, to be learnt from as those of items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.towers.text_tower import open_text_tower
from topwork.data import Dataset, Item, Modality
from topwork.errors import BackboneError
from topwork.features import FeatureRequest
from topwork.features.opened_backbone import read_once
from topwork.heads import normalise_rows
from topwork.runtime.progress import Progress, silent


@dataclass(frozen=True, eq=False, slots=True)
class FeatureSpace:
    """Items and the network that gave their features.

    Parameters
    ----------
    kind
        Of the items.
    backbone
        The full name of the network.
    request
        How items are prepared and run through it.
    features
        Of the items, (n, d).
    """

    kind: Modality
    backbone: str
    request: FeatureRequest
    features: NDArray[Any]


class NameRows(Protocol):
    """Features (k, d) of texts, to be learnt from as those of items; None where there are none."""

    def __call__(
        self, space: FeatureSpace, texts: Sequence[str], progress: Progress = silent, /
    ) -> NDArray[np.float32] | None: ...


def rows_of_texts(
    space: FeatureSpace, texts: Sequence[str], progress: Progress = silent
) -> NDArray[np.float32]:
    """Of texts that are items of the same kind themselves."""
    data = Dataset([Item(text, value=text) for text in texts], kind=space.kind)
    read = read_once(data, space.request, max_bad=0.0, progress=progress)
    return np.asarray(space.request.store.read(read.keys), np.float32)


def rows_by_tower(
    space: FeatureSpace,
    texts: Sequence[str],
    progress: Progress = silent,  # noqa: ARG001
) -> NDArray[np.float32] | None:
    """Of texts beside images, by the network's own tower for texts where it has one.

    Features of texts lie apart from those of images, so that a text beside images would be far
    from all of them alike (Liang et al. 2022, Mind the gap). Their differences agree: each row is
    the mean image, moved by the direction of its text from the mean text, as far as images lie
    from their mean.
    """
    try:
        tower = open_text_tower(space.backbone)
    except BackboneError:  # such as a folder without a tokenizer: images need none
        return None
    if tower is None:
        return None
    rows = tower.among_images(texts)
    images = normalise_rows(space.features)
    if rows.shape[1] != images.shape[1]:
        return None
    centre = images.mean(axis=0)
    away = float(np.linalg.norm(images - centre, axis=1).mean())
    found: NDArray[np.float32] = centre + away * normalise_rows(rows - rows.mean(axis=0))
    return found
