"""The classes of a base model and of new items as one list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import Label, match_labels
from topwork.errors import DataError


@dataclass(frozen=True, slots=True)
class LabelSpace:
    """The classes of the base model and of the new items together.

    Parameters
    ----------
    labels
        The base model's, in its order, then those that are new.
    n_old
        How many of them the base model has.
    of_new
        The place among them of each label of the new items.
    warnings
        Labels that look as if they were meant to be one.
    """

    labels: tuple[Label, ...]
    n_old: int
    of_new: NDArray[np.int64]
    warnings: tuple[str, ...]


def unite(old: list[Label], new: tuple[Label, ...]) -> LabelSpace:
    """Join labels; those that are written alike are one class, whatever their type.

    Raises
    ------
    DataError
        Labels that are new are of another type than the earlier ones.

    Examples
    --------
    >>> united = unite(["cat", "ant"], ("ant", "Cat"))
    >>> united.labels, united.of_new.tolist(), len(united.warnings)
    (('cat', 'ant', 'Cat'), [1, 2], 1)
    """
    labels = list(old)
    places = match_labels(new, old)
    for position, label in enumerate(new):
        if places[position] < 0:
            places[position] = len(labels)
            labels.append(_like(old, label))
    return LabelSpace(tuple(labels), len(old), np.array(places, np.int64), _alike(labels, len(old)))


def _like(old: list[Label], label: Label) -> Label:
    """A new label in the type of the earlier ones: a folder's name is a text."""
    kinds = {type(one) for one in old}
    if type(label) in kinds:
        return label
    kind = next(iter(kinds))
    try:
        turned = kind(label)
    except ValueError:
        turned = None
    if turned is None or str(turned) != str(label):
        raise DataError(
            f"The label {label!r} is of another type than those of the model, such as {old[0]!r}.",
            remedy=f"Give labels of the type {kind.__name__}, or fit all items together.",
            code="label_types",
        )
    return turned


def _alike(labels: list[Label], n_old: int) -> tuple[str, ...]:
    """Warnings for new labels that differ from another one in case or blanks only."""
    first: dict[str, Label] = {}
    found = []
    for place, label in enumerate(labels):
        plain = "".join(str(label).casefold().split())
        if plain in first and place >= n_old:
            found.append(f"{first[plain]!r} and {label!r} are treated as two classes.")
        first.setdefault(plain, label)
    return tuple(found)
