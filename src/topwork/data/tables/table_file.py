"""What every reader of a table gives: its columns under their own names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from topwork.errors import DataError

Cell = str | None

PATH: Final = "path"
"""The column of files."""

TEXT: Final = "text"
"""The column of texts."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken apart.

    Parameters
    ----------
    line
        Where it stands, from 1.
    reason
        A code out of `topwork.data.REASONS`.
    error
        What to raise where no row may be missing.
    """

    line: int
    reason: str
    error: DataError


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table with the names of its own.

    Parameters
    ----------
    path
        The file, as the user named it; of a table in memory, what to call it.
    names
        Of all its columns.
    lines
        Where each of the n rows stands in the file, from 1: its line, or its row where there are
        no lines.
    column
        Gives the n cells of one column; None where nothing is written.
    values
        Gives the n values of one column as they are, where a column may hold more than text.
    images
        Columns whose values are images themselves, not their names.
    bad
        Rows that are not among the n.
    hints
        Sentences about how the file was read.
    in_memory
        Whether there is no file.
    several
        Columns whose values are lists, or say what is known of several labels.
    """

    path: Path
    names: Sequence[str]
    lines: Sequence[int]
    column: Callable[[str], Sequence[Cell]]
    values: Callable[[str], Sequence[object]] | None = None
    images: frozenset[str] = frozenset()
    bad: Sequence[BadRow] = ()
    hints: tuple[str, ...] = ()
    in_memory: bool = False
    several: frozenset[str] = frozenset()


def as_cell(value: object) -> Cell:
    """Write a value as text; nothing for what is missing and for empty text.

    Examples
    --------
    >>> as_cell(7), as_cell(True), as_cell(float("nan"))
    ('7', 'true', None)
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, str):
        return value or None
    if value != value:  # noqa: PLR0124 (NaN)
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.decode(errors="surrogateescape") if isinstance(value, bytes) else str(value)
