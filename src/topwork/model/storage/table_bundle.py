"""Reading the bundles of models that predict from the columns of a table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.heads import LinearHead
from topwork.heads.boosting import Trees
from topwork.model.cards.table_card import TableCard, TableClassCard, TableNumberCard
from topwork.model.parts import TableParts
from topwork.model.storage.attached import pages_in
from topwork.model.storage.bundle_files import card_in
from topwork.model.storage.column_limits import check_encoding
from topwork.model.storage.head_file import arrays_in
from topwork.model.storage.limits import (
    NUMBER_OUTPUTS,
    Shapes,
    check_classes,
    check_intervals,
)
from topwork.model.storage.manifest import Manifest, edited_pages
from topwork.model.storage.refusal import refusal
from topwork.settings.choices import TaskName

LINEAR: Final[Shapes] = {"weight": ("d", "k"), "bias": ("k",)}
TREES: Final[Shapes] = {
    "feature": ("m",),
    "threshold": ("m",),
    "left": ("m",),
    "right": ("m",),
    "value": ("m",),
    "first": ("t",),
    "baseline": ("k",),
    "width": ("1",),
}
_TYPES: Final = {
    "feature": np.int32,
    "threshold": np.float64,
    "left": np.int32,
    "right": np.int32,
    "value": np.float64,
    "first": np.int64,
    "baseline": np.float64,
    "width": np.int64,
    "weight": np.float32,
    "bias": np.float32,
}

CARDS: Final[Mapping[TaskName, type[TableClassCard | TableNumberCard]]] = {
    "classes": TableClassCard,
    "number": TableNumberCard,
}


def read_table_model(folder: Path, manifest: Manifest) -> TableParts:
    """Read such a bundle, checking every byte; see `topwork.model.storage.bundle.read_bundle`.

    Raises
    ------
    BundleError
        Something is missing, changed, unknown, or doesn't belong there.
    """
    if manifest.task not in CARDS:
        raise refusal(f"The manifest of {folder} contradicts itself.", code="bad_manifest")
    card = card_in(folder, manifest, CARDS[manifest.task])
    check_encoding(card.encoding)
    if isinstance(card, TableClassCard):
        check_classes(card)
        k = len(card.labels)
    else:
        check_intervals(card.transform, card.intervals)
        k = NUMBER_OUTPUTS
    keys = arrays_in(folder, "training", {"keys": ("n", "16")}, {})["keys"]
    if keys.dtype != np.uint8:
        raise refusal("keys in training.safetensors are none.", code="bad_tensors")
    return TableParts(
        card=card,
        head=_head(folder, card, k),
        keys=keys,
        facts=manifest.facts,
        pages=pages_in(folder, manifest),
        edited=edited_pages(folder, manifest),
    )


def _head(folder: Path, card: TableCard, k: int) -> LinearHead | Trees:
    d = len(card.encoding.blocks())
    if card.head == "boosted trees":
        outputs = 1 if k == 2 else k
        trees = Trees(**_typed(arrays_in(folder, "head", TREES, {"k": outputs})))
        if int(trees.width[0]) != d:
            raise refusal("head.safetensors is for other columns.", code="other_shape")
        if why := trees.problem():
            raise refusal(f"head.safetensors holds {why}.", code="bad_tensors")
        return trees
    arrays = _typed(arrays_in(folder, "head", LINEAR, {"d": d, "k": k}))
    return LinearHead(arrays["weight"], arrays["bias"], normalise=False)


def _typed(arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    for name, array in arrays.items():
        if array.dtype != _TYPES[name]:
            raise refusal(f"{name} in head.safetensors is of another type.", code="bad_tensors")
    return arrays
