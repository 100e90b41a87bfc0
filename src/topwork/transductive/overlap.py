"""Unlabelled items that show or say what labelled ones do."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, ConfigDict

from topwork.data import Dataset
from topwork.features.opened_backbone import FrozenPart, read_once
from topwork.model import Model
from topwork.quality import Pair, find_duplicates
from topwork.quality.item_fingerprints import ItemFingerprints
from topwork.runtime.progress import Progress
from topwork.transductive.source_features import SourceFeatures


class Copy(BaseModel):
    """An unlabelled item, a labelled one that shows or says the same, and how alike they are.

    Attributes
    ----------
    similarity
        1 for equal content; else as in `topwork.quality.Pair`.
    """

    model_config = ConfigDict(frozen=True)

    item: str
    labelled: str
    similarity: float


def copies(
    start: Model,
    source_features: SourceFeatures,
    target: FrozenPart,
    sketches: ItemFingerprints,
    progress: Progress,
) -> list[Copy] | None:
    """Those of the target that the source has too, in the target's order.

    None where the source's items are not at hand, or have changed since they were read.
    """
    if source_features.data is None:
        return None
    kind = target.data.kind
    items = [*source_features.data.items, *target.data.items]
    both = Dataset(items, kind=kind, source=target.data.source)
    read = read_once(both, sketches.request, max_bad=1.0, progress=progress)
    keys = [*source_features.keys, *target.extraction.keys]
    if read.keys != keys:
        return None
    # what looks alike in several classes is no copy; here the model's answers must do for classes
    said = start.parts.head.logits(target.features).argmax(axis=1)
    features = np.concatenate([source_features.features, target.features.astype(np.float32)])
    found = find_duplicates(
        keys,
        sketches.similarity(keys, both),
        features,
        np.concatenate([source_features.codes, said]),
    )
    n = len(source_features.keys)
    best: dict[int, Pair] = {}
    for pair in found.pairs:
        if pair.first < n <= pair.second:
            best[pair.second] = max(best.get(pair.second, pair), pair, key=lambda p: p.similarity)
    return [
        Copy(
            item=items[row].name,
            labelled=items[pair.first].name,
            similarity=pair.similarity,
        )
        for row, pair in sorted(best.items())
    ]
