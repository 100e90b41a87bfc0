"""Boxes as programs hand them over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from topwork.data.targets.boxes import BoxTargets, ImageBoxes
from topwork.errors import DataError

_FIELDS: Final = ("label", "x1", "y1", "x2", "y2")
_REMEDY: Final = (
    'Give a list per image, of tuples such as ("cell", 10, 20, 50, 60) or mappings with the keys '
    "label, x1, y1, x2, y2, in pixels of the upright image."
)


def boxes_of(values: Any, n: int) -> BoxTargets:
    """Targets of n images out of lists of boxes.

    Parameters
    ----------
    values
        For each image a list of boxes: tuples (label, x1, y1, x2, y2), tuples (label, probability,
        x1, y1, x2, y2) as a detector gives them, or mappings.

    Raises
    ------
    DataError
        Something is no box, or there are not as many lists as images.

    Examples
    --------
    >>> targets = boxes_of([[("cell", 1, 2, 3, 4)], []], 2)
    >>> targets.labels, [len(boxes) for boxes in targets.images]
    (('cell',), [1, 0])
    """
    lists = list(values) if isinstance(values, Sequence | np.ndarray) else None
    if lists is None or len(lists) != n:
        raise DataError(
            f"There are {n} images and {'no list' if lists is None else len(lists)} of boxes.",
            remedy=_REMEDY,
            code="bad_boxes",
        )
    rows = [[_row(box, i) for box in _boxes(one, i)] for i, one in enumerate(lists)]
    corners = [value for row in rows for _, box in row for value in box]
    if corners and max(corners) <= 1:
        raise DataError(
            "All boxes lie between 0 and 1, as fractions of the image do.",
            remedy=_REMEDY,
            code="bad_boxes",
        )
    labels = tuple(sorted({str(label) for row in rows for label, _ in row}))
    codes = {label: code for code, label in enumerate(labels)}
    return BoxTargets(
        labels,
        tuple(
            ImageBoxes.of([corners for _, corners in row], [codes[label] for label, _ in row])
            for row in rows
        ),
    )


def _boxes(one: Any, image: int) -> Sequence[Any]:
    if one is None:
        return ()
    if isinstance(one, str | bytes | Mapping) or not isinstance(one, Sequence | np.ndarray):
        raise _bad(one, image)
    return list(one)


def _row(box: Any, image: int) -> tuple[str, list[float]]:
    if isinstance(box, Mapping):
        values: list[Any] = [box.get(name) for name in _FIELDS]
    else:
        values = list(box) if isinstance(box, Sequence | np.ndarray) else []
        if len(values) == len(_FIELDS) + 1:
            del values[1]
    if len(values) != len(_FIELDS) or values[0] is None:
        raise _bad(box, image)
    try:
        corners = [float(value) for value in values[1:]]
    except (TypeError, ValueError) as error:
        raise _bad(box, image) from error
    x1, y1, x2, y2 = corners
    if not (np.isfinite(corners).all() and x1 < x2 and y1 < y2):
        raise _bad(box, image)
    return str(values[0]), corners


def _bad(box: Any, image: int) -> DataError:
    return DataError(
        f"{str(box)[:80]!r} of image {image} is no box.", remedy=_REMEDY, code="bad_boxes"
    )
