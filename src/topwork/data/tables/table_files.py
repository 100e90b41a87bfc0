"""Every form of file that tables come in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from topwork.data.tables.csv_file import read_csv
from topwork.data.tables.json_file import read_json, read_jsonl
from topwork.data.tables.parquet_file import read_parquet
from topwork.data.tables.prefixed_file import is_prefixed, read_prefixed
from topwork.data.tables.sheet_file import SHEET_EXTENSIONS, read_sheet
from topwork.data.tables.table_file import TableFile
from topwork.data.tables.table_text import read_table_text
from topwork.errors import DataError, ParameterError

_WRITTEN: Final[Mapping[str, Callable[[Path, str], TableFile]]] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".json": read_json,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".txt": read_prefixed,
}
"""Readers of text, by extension."""

WRITTEN_EXTENSIONS: Final = frozenset(_WRITTEN)
"""Of tables that are text."""

TABLE_EXTENSIONS: Final = frozenset((*_WRITTEN, ".parquet", *SHEET_EXTENSIONS)) - {".txt"}
"""In lower case; of ``.txt`` only some are tables."""


def is_table(path: Path) -> bool:
    """Whether names of columns mean anything for it.

    Examples
    --------
    >>> is_table(Path("reviews.tsv")), is_table(Path("photos"))
    (True, False)
    """
    extension = path.suffix.lower()
    if extension != ".txt":
        return extension in TABLE_EXTENSIONS
    try:
        return path.is_file() and is_prefixed(path)
    except OSError:
        return False


def open_table(path: Path, header: Sequence[str] | None) -> tuple[TableFile, DataError | None]:
    """The file, and what to say where not all of its bytes are text.

    Raises
    ------
    topwork.errors.DataError
        If the file cannot be read as such a table.
    topwork.errors.ParameterError
        If ``header`` is given for a file whose columns have names.
    """
    extension = path.suffix.lower()
    if header is not None and extension not in (".csv", ".tsv"):
        raise ParameterError(
            f"header does not apply to {path}, whose columns have names.",
            remedy="Rename columns with --columns path=NAME (columns={'path': 'NAME'}).",
        )
    try:
        if extension == ".parquet":
            return read_parquet(path), None
        if extension in SHEET_EXTENSIONS:
            return read_sheet(path), None
        read = read_table_text(path)
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror or error}.",
            remedy="Check the file and your right to read it.",
        ) from error
    if header is not None:
        file = read_csv(path, read.text, header)
    else:
        file = _WRITTEN[extension](path, read.text)
    return replace(file, hints=(*read.hints, *file.hints)), read.undecodable
