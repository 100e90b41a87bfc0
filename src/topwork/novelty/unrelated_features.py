"""Features of unrelated items, by the network that a model has."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from topwork.data import Modality
from topwork.data.unrelated import unrelated_items
from topwork.features import extract
from topwork.features.opened_backbone import OpenedBackbone


def unrelated_features(
    opened: OpenedBackbone, modality: Modality
) -> tuple[NDArray[Any], list[str]]:
    """Features ``(u, d)`` and kinds of the unrelated items; computed once where they are stored."""
    unrelated = unrelated_items(modality)
    extraction = extract(unrelated.items, opened.request, kind=modality)
    kinds = [unrelated.kinds[i] for i in extraction.kept]
    return opened.request.store.read(extraction.keys), kinds
