"""Labels and other columns as Python programs hold them: lists, arrays, tensors, series, frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from topwork.data.targets.label_values import Label
from topwork.errors import DataError

_LABEL_TYPES = (str, int, float, bool)


def labels_of(labels: object) -> list[Label]:
    """Labels of one type, none of them missing; they keep their type.

    Of integers beside floats all become floats.

    Raises
    ------
    topwork.errors.DataError
        If they are of several types or of a strange one, or some are missing.
    """
    values = [plain(label) for label in flat("labels", labels)]
    missing = [i for i, value in enumerate(values) if is_missing(value)]
    if missing:
        raise DataError(
            f"{len(missing)} of {len(values)} labels are missing, the first of item {missing[0]}.",
            remedy="Give every item a label, or leave it out.",
        )
    if {type(value) for value in values} == {int, float}:
        values = [float(value) for value in values if isinstance(value, (int, float))]
    types = sorted({type(value).__name__ for value in values})
    strange = [value for value in values if not isinstance(value, _LABEL_TYPES)]
    if strange or len(types) > 1:
        several = any(isinstance(value, (list, tuple, set, frozenset)) for value in strange)
        meant = (
            ": several labels per item? Those are for ImageTagger and TextTagger" if several else ""
        )
        raise DataError(
            f"Labels are of type {' and '.join(types)}{meant}.",
            remedy="Make them all strings, or all integers: one label for each item.",
        )
    return [value for value in values if isinstance(value, _LABEL_TYPES)]


def column_of(name: str, values: object) -> np.ndarray | None:
    """Entries of another column ``(n,)``, none of them missing.

    Raises
    ------
    topwork.errors.DataError
        If some are missing.
    """
    if values is None:
        return None
    column = [plain(value) for value in flat(name, values)]
    missing = [i for i, value in enumerate(column) if is_missing(value)]
    if missing:
        raise DataError(
            f"{len(missing)} entries of {name} are missing, the first of item {missing[0]}.",
            remedy=f"Give every item an entry in {name}; one that is alone gets one of its own.",
        )
    return np.array(column)


def plain(value: object) -> object:
    """A number of an array or a tensor as Python's own."""
    if isinstance(value, np.generic) or (hasattr(value, "item") and getattr(value, "ndim", 1) == 0):
        return value.item()
    return value


def is_missing(value: object) -> bool:
    """Whether it stands for nothing: None, NaN, NA, or blanks."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, float) and value != value  # noqa: PLR0124 (NaN)


def flat(name: str, values: object) -> Sequence[object]:
    """A list of single values out of whatever holds one for each item.

    Raises
    ------
    topwork.errors.DataError
        If it holds several for each item, or is nothing to go through.
    """
    if hasattr(values, "detach"):  # a tensor, perhaps on another device
        values = values.detach().cpu().numpy()
    columns = getattr(values, "columns", None)
    if columns is not None and len(columns) == 1 and hasattr(values, "__getitem__"):
        values = values[columns[0]]  # a frame of one column
    if isinstance(values, (str, bytes, dict)) or not isinstance(values, Iterable):
        raise DataError(
            f"{name} are of type {type(values).__name__}.",
            remedy=f"Give a list of {name}, one for each item.",
        )
    if columns is not None and len(columns) > 1:
        raise DataError(
            f"{name} are a frame of {len(columns)} columns.",
            remedy=f"Give one of them, such as frame[{columns[0]!r}].",
        )
    if isinstance(values, np.ndarray) and values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if isinstance(values, np.ndarray) and values.ndim != 1:
        raise DataError(
            f"{name} have the shape {values.shape}.",
            remedy=f"Give a flat list of {name}; of one-hot rows, give their argmax.",
        )
    return list(values)
