"""Features of unrelated items, by the network that a model has."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from topwork.data import KINDS
from topwork.data.unrelated import unrelated_items
from topwork.features import extract
from topwork.model.frozen import OpenedBackbone


def unrelated_features(opened: OpenedBackbone) -> NDArray[Any]:
    """Features ``(u, d)`` of the unrelated items; computed once where features are stored."""
    modality = opened.backbone.takes
    items = unrelated_items(modality).items
    extraction = extract(items, opened.wanted, kind=KINDS[modality])
    return opened.wanted.store.read(extraction.keys)
