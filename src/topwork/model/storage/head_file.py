"""The arrays of a bundle, and the head among them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from topwork.features.columns.beside import BesideHead
from topwork.heads import LinearHead
from topwork.model.card import NetworkCard
from topwork.model.parts import BESIDE, BESIDE_MEAN
from topwork.model.storage.column_limits import check_encoding, check_weights
from topwork.model.storage.limits import HEAD, HEAD_BESIDE, check_shapes
from topwork.model.storage.tensor_file import read_arrays


def arrays_in(
    folder: Path,
    name: str,
    shapes: Mapping[str, tuple[str, ...]],
    sizes: dict[str, int],
    defaults: Mapping[str, NDArray[Any]] = {},
) -> dict[str, NDArray[Any]]:
    """The arrays of a file, of the shapes that all files agree on.

    Parameters
    ----------
    sizes
        What each letter of a shape stands for; new ones are added.
    defaults
        Arrays that may be missing.
    """
    file = f"{name}.safetensors"
    arrays = read_arrays(folder / file)
    empty = {name for name, value in defaults.items() if value.size == 0}
    check_shapes(file, arrays, shapes, sizes, later=defaults.keys(), maybe_empty=empty)
    return arrays


def linear_head(folder: Path, sizes: dict[str, int]) -> LinearHead:
    """The head of a model of any task."""
    head = arrays_in(folder, "head", HEAD, sizes)
    return LinearHead(head["weight"], head["bias"], bool(head["normalise"][0]))


def predicting_head(
    folder: Path, card: NetworkCard, sizes: dict[str, int]
) -> tuple[LinearHead, BesideHead | None]:
    """The head, and what columns beside the items add to its outputs."""
    if card.beside is None:
        return linear_head(folder, sizes), None
    check_encoding(card.beside)
    sizes["z"] = len(card.beside.blocks())
    head = arrays_in(folder, "head", HEAD_BESIDE, sizes)
    check_weights(head[BESIDE])
    check_weights(head[BESIDE_MEAN])
    linear = LinearHead(head["weight"], head["bias"], bool(head["normalise"][0]))
    return linear, BesideHead(card.beside, head[BESIDE], head[BESIDE_MEAN])
