"""Data that is already in Python: lists of paths, images or texts, and their labels."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from topwork.data.dataset import ClassTargets, Dataset, Label
from topwork.data.formats import IMAGE_EXTENSIONS
from topwork.data.item import Item, KindName
from topwork.data.kinds import KINDS, Items
from topwork.errors import DataError

_LABEL_TYPES = (str, int, float, bool)


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
    given = _labels(labels)
    if len(given) != len(made):
        raise DataError(
            f"There are {len(made)} items but {len(given)} labels.",
            remedy="Give one label for each item, in the same order.",
        )
    return Dataset(
        items=made,
        targets=ClassTargets.from_labels(given),
        groups=_column("groups", groups),
        domains=_column("domains", domains),
        kind=KINDS[kind],
        source="memory",
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
        return Item(f"item {index}", value="" if _is_missing(value) else value)
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
    if hasattr(inputs, "columns"):
        raise DataError(
            "The data are a data frame.",
            remedy="Give two of its columns: read(frame['path'], frame['label']).",
        )
    return inputs


def _labels(labels: object) -> list[Label]:
    values = [_plain(label) for label in _flat("labels", labels)]
    missing = [i for i, value in enumerate(values) if _is_missing(value)]
    if missing:
        raise DataError(
            f"{len(missing)} of {len(values)} labels are missing, the first of item {missing[0]}.",
            remedy="Give every item a label, or leave it out.",
        )
    types = sorted({type(value).__name__ for value in values})
    strange = [value for value in values if not isinstance(value, _LABEL_TYPES)]
    if strange or len(types) > 1:
        raise DataError(
            f"Labels are of type {' and '.join(types)}.",
            remedy="Make them all strings, or all integers: one label for each item.",
        )
    return [value for value in values if isinstance(value, _LABEL_TYPES)]


def _plain(label: object) -> object:
    return label.item() if isinstance(label, np.generic) else label


def _is_missing(label: object) -> bool:
    if label is None or type(label).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(label, str):
        return not label.strip()
    return isinstance(label, float) and label != label  # noqa: PLR0124 (NaN)


def _flat(name: str, values: object) -> Sequence[object]:
    if isinstance(values, (str, bytes, dict)) or not isinstance(values, Iterable):
        raise DataError(
            f"{name} are of type {type(values).__name__}.",
            remedy=f"Give a list of {name}, one for each item.",
        )
    if isinstance(values, np.ndarray) and values.ndim != 1:
        raise DataError(
            f"{name} have the shape {values.shape}.",
            remedy=f"Give a flat list of {name}; of one-hot rows, give their argmax.",
        )
    return list(values)


def _column(name: str, values: object) -> np.ndarray | None:
    if values is None:
        return None
    column = [_plain(value) for value in _flat(name, values)]
    missing = [i for i, value in enumerate(column) if _is_missing(value)]
    if missing:
        raise DataError(
            f"{len(missing)} entries of {name} are missing, the first of item {missing[0]}.",
            remedy=f"Give every item an entry in {name}; one that is alone gets one of its own.",
        )
    return np.array(column)
