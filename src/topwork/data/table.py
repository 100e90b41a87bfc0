"""Tables of items, whatever file they come in: columns of text under topwork's names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from topwork.data.table_files import (
    BadRow,
    Cell,
    TableFile,
    read_csv,
    read_jsonl,
    read_parquet,
)
from topwork.errors import DataError, ParameterError

_FEW_WORDS = 3
"""That the name of a column or of a file may have."""

COLUMNS: Final = ("path", "text", "label", "group", "domain", "split", "keep")
"""What topwork looks for in a table."""

TABLE_EXTENSIONS: Final = frozenset((".csv", ".tsv", ".parquet", ".jsonl", ".ndjson"))


@dataclass(frozen=True, slots=True)
class Table:
    """The columns that topwork knows, as text exactly as written; None where nothing is.

    Parameters
    ----------
    path
        The file, as the user named it.
    columns
        By topwork's name for them; all of the same length.
    lines
        Where each row stands in the file, from 1: its line, or in Parquet its row.
    contents
        The column that says what the items are, ``path`` or ``text``.
    bad
        Rows that are left out, of texts only: where files are named, none may be bad.
    """

    path: Path
    columns: Mapping[str, Sequence[Cell]]
    lines: Sequence[int]
    contents: str = "path"
    bad: Sequence[BadRow] = ()

    def __len__(self) -> int:
        return len(self.lines)

    def keep(self, rows: Collection[int]) -> Table:
        """Keep the rows at these positions."""
        chosen = sorted(rows)
        columns = {name: [cells[row] for row in chosen] for name, cells in self.columns.items()}
        return replace(self, columns=columns, lines=[self.lines[row] for row in chosen])

    def filled(self, name: str) -> list[str]:
        """Give a column of which no cell may be empty.

        Raises
        ------
        topwork.errors.DataError
            With the lines of the empty cells.
        """
        cells = self.columns[name]
        self.refuse(
            [row for row, cell in enumerate(cells) if cell is None or not cell.strip()],
            f"have no {name}",
            remedy=f"Fill in the {name} of each row, or remove the row.",
        )
        return [cell for cell in cells if cell is not None]

    def refuse(self, rows: Sequence[int], complaint: str, *, remedy: str) -> None:
        """Raise `topwork.errors.DataError` with the lines of these rows, if there are any."""
        if not rows:
            return
        named = ", ".join(str(self.lines[row]) for row in rows[:10])
        more = f" and {len(rows) - 10} more" if len(rows) > 10 else ""
        unit = "rows" if self.path.suffix.lower() == ".parquet" else "lines"
        raise DataError(
            f"{len(rows)} of {len(self)} rows of {self.path} {complaint}: {unit} {named}{more}.",
            remedy=remedy,
        )


def read_table(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    header: Sequence[str] | None = None,
    contents: Sequence[str],
    required: Sequence[str],
    optional: Sequence[str],
) -> Table:
    """Read a table.

    Parameters
    ----------
    path
        A ``.csv``, ``.tsv``, ``.parquet``, ``.jsonl`` or ``.ndjson`` file in UTF-8.
    columns
        The table's name for each of topwork's, where they differ.
    header
        The names of all columns, for a CSV or TSV file that has no line of names.
    contents
        ``path``, ``text`` or both: the first of them that the table has is what it is read by.
    required
        Those of `COLUMNS` that must be there.
    optional
        Those that are read where they are there.

    Raises
    ------
    topwork.errors.DataError
        If the file cannot be read as such a table, or lacks a column.
    topwork.errors.ParameterError
        If ``columns`` or ``header`` does not fit.
    """
    renamed = _checked(columns or {})
    file, undecodable = _open(path, header)
    main = next((c for c in contents if renamed.get(c, c) in file.names), None)
    if main == "text":
        bad = file.bad
    elif undecodable or file.bad:
        raise undecodable or file.bad[0].error
    else:
        bad = ()
    main = main or next((c for c in contents if c in renamed), contents[0])
    wanted = {name: renamed.get(name, name) for name in (main, *required, *optional)}
    present = _present(file, wanted, (main, *required))
    cells = {ours: file.column(theirs) for ours, theirs in present.items()}
    return Table(path, cells, file.lines, main, bad)


def _open(path: Path, header: Sequence[str] | None) -> tuple[TableFile, DataError | None]:
    """The file, and what to say where not all of its bytes are UTF-8."""
    extension = path.suffix.lower()
    if header is not None and extension not in (".csv", ".tsv"):
        raise ParameterError(
            f"header does not apply to {path}, whose columns have names.",
            remedy="Rename columns with --columns path=NAME (columns={'path': 'NAME'}).",
        )
    try:
        if extension == ".parquet":
            return read_parquet(path), None
        read = (
            read_jsonl if extension in (".jsonl", ".ndjson") else partial(read_csv, header=header)
        )
        try:
            return read(path), None
        except UnicodeDecodeError as error:
            why = DataError(
                f"{path} is not in UTF-8 (byte {error.start}).", remedy="Save it again as UTF-8."
            )
            return read(path, errors="surrogateescape"), why
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror or error}.",
            remedy="Check the file and your right to read it.",
        ) from error


def _checked(columns: Mapping[str, str]) -> Mapping[str, str]:
    for name in columns:
        if name not in COLUMNS:
            raise ParameterError(
                f"columns renames {name!r}, which topwork does not look for.",
                remedy=f"Write path=FILE, with one of {', '.join(COLUMNS)} on the left.",
            )
    return columns


def _present(file: TableFile, wanted: Mapping[str, str], required: Sequence[str]) -> dict[str, str]:
    """Keep those of the wanted columns that the table has; refuse what cannot be meant."""
    for ours, theirs in wanted.items():
        if file.names.count(theirs) > 1:
            raise DataError(
                f"{file.path} has {file.names.count(theirs)} columns called {theirs!r}.",
                remedy="Give every column a name of its own.",
            )
        if theirs not in file.names and (ours in required or theirs != ours):
            raise _lacking(file, ours, theirs)
    return {ours: theirs for ours, theirs in wanted.items() if theirs in file.names}


def _lacking(file: TableFile, ours: str, theirs: str) -> DataError:
    listed = ", ".join(file.names[:20]) or "none at all"
    header = _guessed(file.names)
    return DataError(
        f"{file.path} has no column {theirs!r}; its columns are: {listed}.",
        remedy=f"Say which it is with --columns {ours}=NAME (in Python columns={{'{ours}': "
        "'NAME'}), or, if its first line is data already, name its columns with --no-header "
        f"{','.join(header)} (header={header}).",
    )


def _guessed(cells: Sequence[str]) -> list[str]:
    """What the columns may be called if the first line is data: one of many words is a text."""
    words = [len(cell.split()) for cell in cells]
    if len(cells) != 2 or max(words) <= _FEW_WORDS:
        return ["path", "label"]
    return ["text", "label"] if words[0] > words[1] else ["label", "text"]
