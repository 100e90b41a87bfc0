"""Data that is already in Python: lists of paths, images or texts, and their labels."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from topwork.data.dataset import ClassTargets, Dataset
from topwork.data.images.arrays import numbers_of
from topwork.data.images.formats import IMAGE_EXTENSIONS
from topwork.data.item import Item, ModalityName
from topwork.data.modality import MODALITIES
from topwork.data.reading.torch_data import torch_pairs
from topwork.data.targets.given_labels import given_labels
from topwork.data.targets.label_targets import LabelTargets
from topwork.data.targets.python_labels import column_of, is_missing
from topwork.errors import DataError
from topwork.settings.choices import AskedTask


def read_memory(
    inputs: object,
    labels: object,
    *,
    groups: object = None,
    domains: object = None,
    items: str = "auto",
    task: AskedTask = "auto",
) -> Dataset:
    """Join items with their labels.

    Parameters
    ----------
    inputs
        n paths, PIL images, arrays or texts.
    labels
        n strings, integers, floats or booleans, which keep their type; or several labels for each
        item: lists, or a matrix of 0 and 1.
    groups, domains
        n entries each.
    items
        What they are; ``auto`` takes strings for texts where most of them are several words and
        none is or looks like a file.
    task
        What the labels are.

    Raises
    ------
    topwork.errors.DataError
        If the lengths differ, labels are missing or of several types, or an input is of no use.
    """
    inputs, labels = _pairs(inputs, labels)
    _check_not_flat(inputs, labels)
    values = list(each_of(inputs))
    kind: ModalityName = kind_of(values) if items == "auto" else items
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
    given, said = given_labels(labels, task)
    if len(given) != len(made):
        raise DataError(
            f"There are {len(made)} items but {len(given)} labels.",
            remedy="Give one label for each item, in the same order.",
        )
    return Dataset(
        items=made,
        targets=given if isinstance(given, LabelTargets) else ClassTargets.from_labels(given),
        groups=column_of("groups", groups),
        domains=column_of("domains", domains),
        kind=MODALITIES[kind],
        hints=said,
        source="memory",
    )


def _pairs(inputs: object, labels: object) -> tuple[object, object]:
    """Take pairs of an item and its label apart."""
    if labels is None and (pairs := torch_pairs(inputs)) is not None:
        return pairs
    if labels is None and isinstance(inputs, Iterator):
        inputs = list(inputs)
    if labels is not None or not isinstance(inputs, (list, tuple)) or not inputs:
        return inputs, labels
    if not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in inputs):
        return inputs, labels
    return [item for item, _ in inputs], [label for _, label in inputs]


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


def kind_of(values: Sequence[object]) -> ModalityName:
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


def make_item(value: object, index: int, kind: ModalityName = "image") -> Item:
    """Make one item; a string is the text itself, or the path of an image.

    Examples
    --------
    >>> make_item("cats/1.jpg", 0).name, make_item(np.zeros((2, 2)), 3).name
    ('cats/1.jpg', 'item 3')
    """
    if isinstance(value, Item):
        return value
    if MODALITIES[kind].inline and not isinstance(value, os.PathLike):
        # what is missing is rejected when it is read, like any other bad text
        return Item(f"item {index}", value="" if is_missing(value) else value)
    if isinstance(value, (str, os.PathLike)):
        path = os.fspath(value)
        if isinstance(path, str) and path:
            return Item(str(path), Path(path))
        raise DataError("A path is empty.", remedy="Give the path of a file.")
    return Item(f"item {index}", value=_image(value, index))


def _image(value: object, index: int) -> object:
    """What an image without a path is read from: numbers, a PIL image, or the bytes of a file."""
    if isinstance(value, np.ndarray):
        return numbers_of(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if _is_pil(value):
        return value
    if hasattr(value, "read"):  # an open file, an upload
        return _content_of(value, index)
    if hasattr(value, "detach"):  # a tensor, which may be on a GPU or in bfloat16
        plain: Any = value.detach().cpu()
        return np.asarray(plain.float() if "bfloat16" in str(plain.dtype) else plain)
    if hasattr(value, "__array__") and not isinstance(value, np.generic):
        return np.asarray(value)
    raise DataError(
        f"Item {index} is of type {type(value).__name__}.",
        remedy="Give paths, PIL images, arrays, bytes, open files or texts.",
    )


def _content_of(file: Any, index: int) -> bytes:
    content = file.read()
    if isinstance(content, bytes):
        return content
    raise DataError(
        f"Item {index} is a file that was opened as text.", remedy='Open it with open(path, "rb").'
    )


def is_one(inputs: object) -> bool:
    """Tell one input from several; of arrays, (h, w) and (h, w, 1 | 3 | 4) are one image."""
    if isinstance(inputs, np.ndarray) and inputs.dtype.kind in "buif":
        return inputs.ndim == 2 or (inputs.ndim == 3 and inputs.shape[2] in (1, 3, 4))
    if isinstance(inputs, (str, os.PathLike, bytes, bytearray, memoryview)) or _is_pil(inputs):
        return True
    return hasattr(inputs, "read")


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
    pairs = torch_pairs(inputs)
    if pairs is not None:
        return pairs[0]
    if isinstance(inputs, dict) or not isinstance(inputs, Iterable):
        raise DataError(
            f"The data are of type {type(inputs).__name__}.",
            remedy="Give a folder, a table, a data frame, or a list of paths, images, arrays or "
            "texts.",
        )
    return inputs
