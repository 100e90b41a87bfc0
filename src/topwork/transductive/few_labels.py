"""A few labels of the new domain, and where they lie among its items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import match_labels
from topwork.errors import DataError
from topwork.features.opened_backbone import FrozenPart
from topwork.model import Model


@dataclass(frozen=True, eq=False, slots=True)
class FewLabels:
    """Labelled items among the target's.

    Parameters
    ----------
    rows
        Where they are, ``(l,)``.
    codes
        Their classes by the model's labels, ``(l,)``.
    keys
        Their content keys.
    others
        Those of items whose label is none of the model's.
    """

    rows: NDArray[np.intp]
    codes: NDArray[np.int64]
    keys: tuple[bytes, ...]
    others: tuple[bytes, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)


def few_labels(labelled: FrozenPart, target: FrozenPart, model: Model) -> FewLabels:
    """Find labelled items among the target's.

    Raises
    ------
    DataError
        There are none that the model has a class for.
    """
    targets = labelled.data.classes
    if targets is None:
        raise DataError(
            "The items that were to be labelled have no labels.",
            remedy="Give class folders, or a table with the columns path and label.",
            code="no_labels",
        )
    numbers = match_labels(targets.labels, model.labels)
    places = {key: row for row, key in enumerate(target.extraction.keys)}
    given = [
        (key, numbers[code])
        for key, code in zip(labelled.extraction.keys, targets.codes, strict=True)
        if key in places
    ]
    found = {places[key]: (number, key) for key, number in given if number >= 0}
    if not found:
        raise DataError(
            "The model knows none of the labels that were given for the new domain.",
            remedy=f"It knows: {', '.join(map(str, model.labels[:8]))}.",
            code="unknown_labels",
        )
    rows = sorted(found)
    return FewLabels(
        np.array(rows, np.intp),
        np.array([found[row][0] for row in rows], np.int64),
        tuple(found[row][1] for row in rows),
        tuple(key for key, number in given if number < 0),
    )
