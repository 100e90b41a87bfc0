"""Columns of tables that hold the corners of boxes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_CORNERS: Final = (
    ("x1", "y1", "x2", "y2"),
    ("xmin", "ymin", "xmax", "ymax"),
    ("x_min", "y_min", "x_max", "y_max"),
    ("left", "top", "right", "bottom"),
    ("xtl", "ytl", "xbr", "ybr"),
)
"""What the four columns are called, in lower case."""

_PARTLY: Final = frozenset(("xmin", "ymin"))
"""Columns that a table of whole images has no use for."""


def corner_columns(names: Sequence[str]) -> tuple[str, ...] | None:
    """The columns with the corners of boxes, as a table writes them; None where there are none.

    Examples
    --------
    >>> corner_columns(["filename", "class", "XMin", "XMax", "YMin", "YMax"])
    ('XMin', 'YMin', 'XMax', 'YMax')
    """
    written = {name.strip().lower(): name for name in names}
    for corners in _CORNERS:
        if all(name in written for name in corners):
            return tuple(written[name] for name in corners)
    return None


def only_of_boxes(names: Sequence[str]) -> bool:
    """Whether some columns are such that tables of whole images have none of them."""
    return {name.strip().lower() for name in names} >= _PARTLY


def names_in_line(line: str) -> list[str]:
    """The names in the first line of a CSV or TSV file.

    Examples
    --------
    >>> names_in_line('"path";x1;y1')
    ['path', 'x1', 'y1']
    """
    plain = line.replace("\0", "").strip("\ufeff\r\n ")
    return [name.strip().strip('"') for name in re.split(r"[,;\t|]", plain)]
