"""Tables of items, whatever file they come in: columns of text under topwork's names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from topwork.data.modality import modality_with
from topwork.data.tables.column_guess import lacking
from topwork.data.tables.further import cells_beside, image_cells
from topwork.data.tables.known_columns import KnownColumns
from topwork.data.tables.one_hot import label_of_columns
from topwork.data.tables.table_file import PATH, TEXT, BadRow, Cell, TableFile
from topwork.data.tables.table_files import open_table
from topwork.errors import DataError, ParameterError
from topwork.settings.choices import AskedTask

COLUMNS: Final = (PATH, TEXT, "label", "group", "domain", "split", "keep")
"""What topwork looks for in a table."""

_IMAGES: Final = "image"
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {PATH: ("file_name", _IMAGES)}
"""What the metadata of data sets on hubs call it; ``image`` only where it holds images."""

_ROWS: Final = frozenset((".parquet", ".json", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ""))
"""Forms that have rows rather than lines."""


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
    values
        Of some of the columns the values as they are: images, and labels in memory.
    hints
        Sentences about how the table was read.
    in_memory
        Whether there is no file.
    folder
        Where paths start from; None for the table's own folder.
    named
        The table's own name of those that go by another than topwork's.
    several
        Whether the values of the labels are lists, or say what is known of several of them.
    beside
        Further columns, by the table's own names.
    asked
        Those of them that the user named.
    images
        Further columns of images; of several in one cell all but the first.
    several_images
        Whether a cell may name several images.
    """

    path: Path
    columns: Mapping[str, Sequence[Cell]]
    lines: Sequence[int]
    contents: str = PATH
    bad: Sequence[BadRow] = ()
    values: Mapping[str, Sequence[object]] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    in_memory: bool = False
    folder: Path | None = None
    named: Mapping[str, str] = field(default_factory=dict)
    several: bool = False
    beside: Mapping[str, Sequence[Cell]] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    images: Mapping[str, Sequence[Cell]] = field(default_factory=dict)
    several_images: bool = False

    def __len__(self) -> int:
        return len(self.lines)

    def keep(self, rows: Collection[int]) -> Table:
        """Keep the rows at these positions."""
        chosen = sorted(rows)
        columns = {name: [cells[row] for row in chosen] for name, cells in self.columns.items()}
        values = {name: [cells[row] for row in chosen] for name, cells in self.values.items()}
        beside = {name: [cells[row] for row in chosen] for name, cells in self.beside.items()}
        images = {name: [cells[row] for row in chosen] for name, cells in self.images.items()}
        lines = [self.lines[row] for row in chosen]
        kept = replace(self, columns=columns, values=values, lines=lines)
        return replace(kept, beside=beside, images=images)

    def empty(self, name: str) -> list[int]:
        """The positions of the rows in which nothing is written there."""
        return [row for row, cell in enumerate(self.columns[name]) if not (cell and cell.strip())]

    def filled(self, name: str) -> list[str]:
        """Give a column of which no cell may be empty.

        Raises
        ------
        topwork.errors.DataError
            With the lines of the empty cells.
        """
        self.refuse(
            self.empty(name),
            f"have no {name}",
            remedy=f"Fill in the {name} of each row, or remove the row.",
        )
        return [cell for cell in self.columns[name] if cell is not None]

    def refuse(self, rows: Sequence[int], complaint: str, *, remedy: str) -> None:
        """Raise `topwork.errors.DataError` with the lines of these rows, if there are any."""
        if not rows:
            return
        named = ", ".join(str(self.lines[row]) for row in rows[:10])
        more = f" and {len(rows) - 10} more" if len(rows) > 10 else ""
        unit = "rows" if self.path.suffix.lower() in _ROWS else "lines"
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
    task: AskedTask = "auto",
) -> Table:
    """Read a table.

    Parameters
    ----------
    path
        A file with one of `TABLE_EXTENSIONS`, or a ``.txt`` with labels before the texts.
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
    task
        What the labels are: columns of 0 and 1 may be classes or several labels per item.

    Raises
    ------
    topwork.errors.DataError
        If the file cannot be read as such a table, or lacks a column.
    topwork.errors.ParameterError
        If ``columns`` or ``header`` does not fit.
    """
    file, undecodable = open_table(path, header)
    if file.bad and not file.names:
        raise file.bad[0].error
    table = choose_columns(
        file, columns=columns, contents=contents, required=required, optional=optional, task=task
    )
    if not modality_with(table.contents).inline and (undecodable or file.bad):
        raise undecodable or file.bad[0].error
    return table


def choose_columns(
    file: TableFile,
    *,
    columns: Mapping[str, str] | None = None,
    contents: Sequence[str],
    required: Sequence[str],
    optional: Sequence[str],
    task: AskedTask = "auto",
) -> Table:
    """Take the columns that topwork knows out of a table; see `read_table`."""
    known = columns.among(file.names) if isinstance(columns, KnownColumns) else {}
    renamed = {**known, **_checked(columns or {})}
    main = next((name for name in contents if _find(file, name, renamed)), None)
    own = file
    if main is not None and "label" in required and not _find(file, "label", renamed):
        file = label_of_columns(file, _find(file, main, renamed) or main, task) or file
    missing = [name for name in required if not _find(file, name, renamed)]
    if main is None or missing:
        raise lacking(file, [] if main else contents, missing, renamed)
    present = {name: _find(file, name, renamed) for name in (main, *required, *optional)}
    if lost := [name for name in renamed if name in present and not present[name]]:
        raise lacking(file, [], lost, renamed)
    found = {ours: theirs for ours, theirs in present.items() if theirs is not None}
    images = {ours for ours, theirs in found.items() if theirs in file.images} & {PATH}
    several = {"label"} if found.get("label") in file.several else set()
    cells = {
        ours: [None] * len(file.lines) if ours in images | several else file.column(theirs)
        for ours, theirs in found.items()
    }
    kept = {*images, *several, *(("label", "group", "domain") if file.in_memory else ())}
    raw = kept & found.keys()
    return Table(
        file.path,
        cells,
        file.lines,
        main,
        file.bad if modality_with(main).inline else (),
        {ours: file.values(found[ours]) for ours in raw} if file.values else {},
        (*file.hints, *_as_fitted(known, found)),
        file.in_memory,
        named={ours: theirs for ours, theirs in found.items() if renamed.get(ours, ours) != ours},
        several=bool(several),
        beside={} if own is not file else cells_beside(own, columns, found.values()),
        asked=columns.beside if isinstance(columns, KnownColumns) and columns.needed else (),
        images=image_cells(own, columns, main),
        several_images=isinstance(columns, KnownColumns) and columns.several and main == PATH,
    )


def _as_fitted(known: Mapping[str, str], found: Mapping[str, str]) -> Sequence[str]:
    """What is said of columns that are read because a model was fitted with them."""
    said = [f"{ours}={found[ours]}" for ours in known if ours in found]
    if not said:
        return ()
    return (f"Columns are read as in training ({', '.join(said)}); --columns names others.",)


def _checked(columns: Mapping[str, str]) -> Mapping[str, str]:
    for name in columns:
        if name not in COLUMNS:
            raise ParameterError(
                f"columns renames {name!r}, which topwork does not look for.",
                remedy=f"Write path=FILE, with one of {', '.join(COLUMNS)} on the left.",
            )
    return columns


def _find(file: TableFile, ours: str, renamed: Mapping[str, str]) -> str | None:
    """The table's name of a column: as it is written, or in other capitals.

    Raises
    ------
    topwork.errors.DataError
        If several columns have that name.
    """
    for wanted in (renamed[ours],) if ours in renamed else (ours, *_ALSO.get(ours, ())):
        same = [name for name in file.names if name == wanted]
        same = same or [name for name in file.names if name.lower() == wanted.lower()]
        if wanted == _IMAGES and not (ours in renamed or file.in_memory):
            same = [name for name in same if name in file.images]
        if len(same) > 1:
            raise DataError(
                f"{file.path} has {len(same)} columns called {wanted!r}.",
                remedy="Give every column a name of its own.",
            )
        if same:
            return same[0]
    return None
