"""The arrays of a bundle, and the head among them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from topwork.features.columns.beside import BesideHead
from topwork.features.columns.images import ImagesHead
from topwork.heads import LinearHead
from topwork.model.card import NetworkCard
from topwork.model.parts import BESIDE, BESIDE_MEAN, IMAGES, IMAGES_MEAN
from topwork.model.storage.column_limits import check_encoding, check_weights
from topwork.model.storage.limits import HEAD, HEAD_BESIDE, HEAD_IMAGES, check_shapes
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
    more = bool(card.images) or card.several_images
    check_encoding(card.beside, empty=more)
    sizes |= {"z": len(card.beside.blocks()), "y": len(card.images)}
    shapes = HEAD_IMAGES if more else HEAD_BESIDE
    head = arrays_in(folder, "head", shapes, sizes)
    for name in shapes.keys() - HEAD.keys():
        check_weights(head[name])
    linear = LinearHead(head["weight"], head["bias"], bool(head["normalise"][0]))
    images = None
    if more:
        images = ImagesHead(
            card.images, head[IMAGES], head[IMAGES_MEAN], card.several_images, linear.normalise
        )
    return linear, BesideHead(card.beside, head[BESIDE], head[BESIDE_MEAN], images)
