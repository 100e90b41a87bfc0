"""Tables with a row per object: CSV, TSV, Parquet, JSON and Excel files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from topwork.data.boxes.annotations import Annotations, Corners, number, shown
from topwork.data.folders.located import locate, why_missing
from topwork.data.folders.splits import part_of
from topwork.data.tables.box_columns import corner_columns
from topwork.data.tables.table_file import TableFile
from topwork.data.tables.table_files import open_table
from topwork.errors import DataError, ParameterError

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "path": ("path", "filename", "file_name", "file", "image", "image_path", "image_id", "imageid"),
    "label": ("label", "class", "class_name", "category", "name", "label_name", "labelname"),
    "width": ("width", "image_width", "img_width"),
    "height": ("height", "image_height", "img_height"),
    "split": ("split",),
    "group": ("group",),
}
"""What else is looked for, and what it may be called; the first name that is there counts."""

_REQUIRED: Final = ("path", "label")


def read_box_table(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    header: Sequence[str] | None = None,
    root: Path | None = None,
    annotations: Annotations | None = None,
) -> Annotations:
    """Read a table with the columns path, four corners and label, and optionally others.

    Paths are relative to the table. A row without any coordinate names an image that shows no
    object. Where all coordinates are from 0 to 1 they are fractions.

    Parameters
    ----------
    columns
        The table's name for each of path, label, width, height, split and group where they differ.
    header
        The names of all columns, for a CSV or TSV file without a line of names.
    root
        The folder that paths start from; the table's own where it is not given.
    annotations
        What other tables of the same source said.

    Raises
    ------
    topwork.errors.DataError
        If the table cannot be read or lacks a column, or no image is there.
    """
    found = Annotations("tables of boxes") if annotations is None else annotations
    _read(open_table(path, header)[0], found, columns or {}, path.parent if root is None else root)
    return found


def read_box_frame(file: TableFile, *, columns: Mapping[str, str] | None = None) -> Annotations:
    """Read a table in memory in the same way; its paths start from the current folder."""
    found = Annotations("a table of boxes")
    _read(file, found, columns or {}, Path())
    return found


def _read(file: TableFile, found: Annotations, columns: Mapping[str, str], start: Path) -> None:
    path = file.path
    rows = []
    for row in _rows(file, _found(file, columns)):
        if row.path.strip():
            rows.append(row)
        else:
            found.report(f"{path}:{row.line}", "bad_entry", "it names no image")
    for bad in file.bad:
        found.report(f"{path}:{bad.line}", "bad_line", bad.error.message)
    located = locate([row.path for row in rows], start) if rows else None
    found.notes += (*file.hints, *(located.notes if located else ()))
    fractions = _are_fractions(rows)
    for row, there in zip(rows, located.paths if located else (), strict=True):
        image_path = os.path.join("" if str(start) == "." else str(start), there)  # noqa: PTH118
        if not os.path.lexists(image_path):
            found.report(row.path, "missing_image", f"named in {path}:{row.line}", part=row.part)
            continue
        _take(row, image_path, found, fractions=fractions)
    if rows and not found.images:
        raise DataError(
            f"None of the {len({row.path for row in rows})} images that {path} names is there, "
            f"such as {rows[0].path}{why_missing(rows[0].path)}.",
            remedy="Paths in a table are relative to the folder of the table; if they start from "
            "another one, name it with --root FOLDER.",
        )


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a table: an object, or an image without any."""

    line: int
    path: str
    label: str
    written: tuple[str, ...]
    size: tuple[float, float] | None
    part: str
    group: str

    @property
    def corners(self) -> Corners:
        x1, y1, x2, y2 = (number(cell) for cell in self.written)
        return x1, y1, x2, y2


def _found(file: TableFile, columns: Mapping[str, str]) -> dict[str, str]:
    """The table's name of each column that is there."""
    if unknown := set(columns) - set(_NAMES):
        raise ParameterError(
            f"columns renames {min(unknown)!r}, which topwork does not look for in boxes.",
            remedy=f"Write path=FILE, with one of {', '.join(_NAMES)} on the left.",
        )
    written = {name.strip().lower(): name for name in reversed(file.names)}
    found = {}
    for ours, names in _NAMES.items():
        wanted = (columns[ours],) if ours in columns else names
        theirs = next((written[n.lower()] for n in wanted if n.lower() in written), None)
        if theirs is not None:
            found[ours] = theirs
        elif ours in _REQUIRED or ours in columns:
            raise DataError(
                f"{file.path} holds boxes, but no column {wanted[0]}; it has "
                f"{', '.join(file.names)}.",
                remedy=f"Name the column with --columns {ours}=NAME.",
            )
    return found


def _rows(file: TableFile, found: Mapping[str, str]) -> list[_Row]:
    corners = corner_columns(file.names)
    if corners is None:
        raise DataError(
            f"{file.path} has no columns for the corners of boxes; it has {', '.join(file.names)}.",
            remedy="Call them x1, y1, x2 and y2.",
        )
    n = len(file.lines)
    cells = {ours: [c or "" for c in file.column(theirs)] for ours, theirs in found.items()}
    empty = [""] * n
    written = zip(*([c or "" for c in file.column(name)] for name in corners), strict=True)
    sizes = zip(cells.get("width", empty), cells.get("height", empty), strict=True)
    table = zip(
        file.lines,
        cells["path"],
        cells["label"],
        written,
        sizes,
        cells.get("split", empty),
        cells.get("group", empty),
        strict=True,
    )
    return [
        _Row(line, path, label, box, _size(*size), _part(file, line, split), group)
        for line, path, label, box, size, split, group in table
    ]


def _size(width: str, height: str) -> tuple[float, float] | None:
    numbers = number(width), number(height)
    return numbers if numbers[0] > 0 and numbers[1] > 0 else None


def _part(file: TableFile, line: int, cell: str) -> str:
    part = part_of(cell)
    if cell.strip() and not part:
        raise DataError(
            f"Row {line} of {file.path} has an unknown split: {cell.strip()[:40]!r}.",
            remedy="Write train, val or test.",
        )
    return part


def _are_fractions(rows: Sequence[_Row]) -> bool:
    """Whether all coordinates lie from 0 to 1, and some between."""
    values = [v for row in rows for v in row.corners if v == v]  # noqa: PLR0124 (NaN)
    return bool(values) and all(0 <= v <= 1 for v in values) and any(0 < v < 1 for v in values)


def _take(row: _Row, path: str, found: Annotations, *, fractions: bool) -> None:
    image = found.of(path)
    image.fractions, image.size = fractions, image.size or row.size
    image.part, image.group = image.part or row.part, image.group or row.group
    if not any(cell.strip() for cell in row.written):
        return  # the image shows no object
    corners = row.corners
    if any(value != value for value in corners):  # noqa: PLR0124 (NaN)
        image.reject("not_a_number", f"line {row.line}: {shown(row.written)}")
    else:
        image.add(row.label, corners)
