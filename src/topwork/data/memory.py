"""Data that is already in Python: lists of paths, images or texts, and their labels."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from topwork.data.dataset import ClassTargets, Dataset
from topwork.data.formats import IMAGE_EXTENSIONS
from topwork.data.item import Item, KindName
from topwork.data.kinds import KINDS, Items
from topwork.data.python_labels import column_of, is_missing, labels_of
from topwork.errors import DataError


def read_memory(
    inputs: object,
    labels: object,
    *,
    groups: object = None,
    domains: object = None,
    items: Items = "auto",
) -> Dataset:
    """Join items with their labels.

    Parameters
    ----------
    inputs
        n paths, PIL images, arrays or texts.
    labels
        n strings, integers, floats or booleans, which keep their type.
    groups, domains
        n entries each.
    items
        What they are; ``auto`` takes strings for texts where most of them are several words and
        none is or looks like a file.

    Raises
    ------
    topwork.errors.DataError
        If the lengths differ, labels are missing or of several types, or an input is of no use.
    """
    _check_not_flat(inputs, labels)
    values = list(each_of(inputs))
    kind: KindName = kind_of(values) if items == "auto" else items
    made = [make_item(value, index, kind) for index, value in enumerate(values)]
    if not made:
        raise DataError(
            "The list of items is empty.", remedy="Give at least one item for each class."
        )
    if labels is None:
        raise DataError(
            f"There are {len(made)} items but no labels.",
            remedy="Give labels, one for each item, as the second argument.",
        )
    given = labels_of(labels)
    if len(given) != len(made):
        raise DataError(
            f"There are {len(made)} items but {len(given)} labels.",
            remedy="Give one label for each item, in the same order.",
        )
    return Dataset(
        items=made,
        targets=ClassTargets.from_labels(given),
        groups=column_of("groups", groups),
        domains=column_of("domains", domains),
        kind=KINDS[kind],
        source="memory",
    )


def _check_not_flat(inputs: object, labels: object) -> None:
    """Refuse rows of pixels, which a two-dimensional array with several labels must be."""
    if not isinstance(inputs, np.ndarray) or inputs.ndim != 2 or inputs.dtype.kind not in "buif":
        return
    n, pixels = inputs.shape
    if labels is None or not hasattr(labels, "__len__") or len(labels) != n or n == 1:
        return
    side = math.isqrt(pixels)
    shape = f"-1, {side}, {side}" if side * side == pixels else "-1, height, width"
    raise DataError(
        f"The {n} items are flat rows of {pixels} numbers, whose height and width can't be told.",
        remedy=f"Give them the shape of images: X.reshape({shape}).",
    )


def kind_of(values: Sequence[object]) -> KindName:
    """What a list holds, so far as it can be told.

    Examples
    --------
    >>> kind_of(["a fine film", "dull"]), kind_of(["a.jpg", "b c.jpg"])
    ('text', 'image')
    """
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) < len(values) or 2 * sum(" " in text.strip() for text in texts) < len(texts):
        return "image"
    return "image" if any(_is_file(text) for text in texts) else "text"


def _is_file(text: str) -> bool:
    if text.lower().endswith(tuple(IMAGE_EXTENSIONS)):
        return True
    try:
        return os.path.lexists(text)
    except ValueError:  # a zero byte
        return False


def make_item(value: object, index: int, kind: KindName = "image") -> Item:
    """Make one item; a string is the text itself, or the path of an image.

    Examples
    --------
    >>> make_item("cats/1.jpg", 0).name, make_item(np.zeros((2, 2)), 3).name
    ('cats/1.jpg', 'item 3')
    """
    if isinstance(value, Item):
        return value
    if kind == "text" and not isinstance(value, os.PathLike):
        # what is missing is rejected when it is read, like any other bad text
        return Item(f"item {index}", value="" if is_missing(value) else value)
    if isinstance(value, (str, os.PathLike)):
        path = os.fspath(value)
        if isinstance(path, str) and path:
            return Item(str(path), Path(path))
        raise DataError("A path is empty.", remedy="Give the path of a file.")
    if isinstance(value, np.ndarray) or _is_pil(value):
        return Item(f"item {index}", value=value)
    if hasattr(value, "__array__") and not isinstance(value, np.generic):  # tensors
        return Item(f"item {index}", value=np.asarray(value))
    raise DataError(
        f"Item {index} is of type {type(value).__name__}.",
        remedy="Give paths, PIL images, arrays or texts.",
    )


def is_one(inputs: object) -> bool:
    """Tell one input from several; of arrays, (h, w) and (h, w, 1 | 3 | 4) are one image."""
    if isinstance(inputs, np.ndarray) and inputs.dtype.kind in "buif":
        return inputs.ndim == 2 or (inputs.ndim == 3 and inputs.shape[2] in (1, 3, 4))
    return isinstance(inputs, (str, os.PathLike)) or _is_pil(inputs)


def _is_pil(value: object) -> bool:
    from PIL.Image import Image

    return isinstance(value, Image)


def each_of(inputs: object) -> Iterable[object]:
    """Give the single inputs, of one or of several.

    Raises
    ------
    topwork.errors.DataError
        If it is nothing to go through.
    """
    if is_one(inputs):
        return [inputs]
    if isinstance(inputs, (bytes, dict)) or not isinstance(inputs, Iterable):
        raise DataError(
            f"The data are of type {type(inputs).__name__}.",
            remedy="Give a folder, a table file, or a list of paths, PIL images, arrays or texts.",
        )
    return inputs
