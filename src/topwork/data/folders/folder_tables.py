"""Folders that hold a table and nothing else that could be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from topwork.data.folders.boxes import is_annotation
from topwork.data.folders.excluded import NONE, ExcludedNames
from topwork.data.folders.scan import Entry, entries, root_entry
from topwork.data.folders.splits import SPLIT_NAMES
from topwork.data.tables.table_files import TABLE_EXTENSIONS
from topwork.errors import DataError

MAX_NAMED: Final = 3
"""Tables that a sentence names."""


def tables_in(folder: str | Path, excluded: ExcludedNames = NONE) -> list[str]:
    """Tables in a folder, or else in the folders right below it; those for training first."""
    top = entries(root_entry(folder).path, Counter(), excluded)
    below = [entry for entry in top if entry.is_folder]
    found = _tables(top) or [
        table for place in below for table in _tables(entries(place.path, Counter(), excluded))
    ]
    return sorted(found, key=_is_for_others)


def table_instead(
    folder: str | Path,
    tables: Sequence[str],
    items: str,
    *,
    why: str | None = None,
    code: str | None = None,
) -> DataError:
    """What to raise where a folder holds tables and cannot be read itself.

    Parameters
    ----------
    items
        What it does not hold.
    why
        Why it cannot be read; that it holds no items where it is not given.
    """
    one = len(tables) == 1
    more = ", ..." if len(tables) > MAX_NAMED else ""
    several = f"{len(tables)} tables: {', '.join(tables[:MAX_NAMED])}{more}"
    found = f"a table: {tables[0]}" if one else several
    return DataError(
        why or f"The folder {folder or '.'} holds no {items}, but {found}.",
        remedy=f"Give {'the table' if one else 'one of the tables'} itself, {tables[0]!r}.",
        code=code,
        instead=(str(folder), tables[0]),
    )


def _tables(listing: list[Entry]) -> list[str]:
    return [
        entry.path
        for entry in listing
        if not entry.is_folder
        and entry.extension in TABLE_EXTENSIONS
        and (entry.extension != ".json" or _is_list(Path(entry.path)))
        and not is_annotation(Path(entry.path))
    ]


def _is_list(file: Path) -> bool:
    """Whether it begins as a list, in which rows are; settings of programs are objects."""
    try:
        with file.open("rb") as stream:
            return stream.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")
    except OSError:
        return False


def _is_for_others(table: str) -> bool:
    """Whether its name or folder is that of a part which is not for training."""
    path = Path(table)
    parts = {SPLIT_NAMES.get(name.lower()) for name in (path.stem, path.parent.name)}
    return not parts <= {None, "train"}
