"""Folders of images that a table beside them describes, as data sets on hubs are laid out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from topwork.data.folders.splits import SPLIT_NAMES, Split
from topwork.data.tables.table_files import open_table
from topwork.errors import DataError

_TABLES: Final = ("metadata.csv", "metadata.jsonl", "metadata.parquet")


def refuse_described(folder: Path, split: Split) -> None:
    """Name the table to give in place of a folder without class folders, if one describes it.

    Raises
    ------
    topwork.errors.DataError
        If there is one.
    """
    tables = [table for table in _tables(folder) if _describes(table)]
    if not tables:
        return
    part = "test" if split.startswith("test") else "train"
    tables.sort(key=lambda table: SPLIT_NAMES.get(table.parent.name.lower()) != part)
    raise DataError(
        f"The images in {folder} are described by {', '.join(map(str, tables[:3]))}, and their "
        "folders are no classes.",
        remedy=f"Give the table itself: {tables[0]}",
        code="described",
        instead=(str(folder), str(tables[0])),
    )


def _tables(folder: Path) -> list[Path]:
    try:
        folders = [folder, *sorted(below for below in folder.iterdir() if below.is_dir())]
    except OSError:
        return []
    return [place / name for place in folders for name in _TABLES if (place / name).is_file()]


def _describes(table: Path) -> bool:
    """Whether it names files, as such tables do."""
    try:
        names = [name.lower() for name in open_table(table, None)[0].names]
    except DataError:
        return False
    return "file_name" in names or "path" in names
