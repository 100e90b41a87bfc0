"""What to say where a table lacks a column: which of its columns it probably is."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Final

from topwork.data.images.formats import IMAGE_EXTENSIONS
from topwork.data.tables.table_file import PATH, TEXT, Cell, TableFile
from topwork.errors import DataError

_FEW_WORDS = 3
"""That the name of a column or of a file may have."""

_TEXT_WORDS = 2.0
"""That a text has at least, on average."""

_LOOKED_AT = 200
"""Rows of which a column is judged."""

_LABELS: Final = re.compile(
    r"label|class|categor|target|sentiment|species|breed|diagnos|type|kind|tag|topic|y$|dx$", re.I
)
"""Names that columns of labels go by."""

_NEARLY_ALL = 0.95
"""Share of cells that must name images before a column called ``text`` is taken for paths."""

_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")

_AMOUNT: Final = re.compile(r"[+-]?[0-9]+([.,][0-9]+)*")
"""A number in a cell, by whatever mark its digits are grouped."""

_FILLED = 0.5
"""Share of the rows in which a column of texts says something."""

_MIN_COLUMNS = 2
"""Of numbers or categories, in a table that can be clustered by its rows."""


def lacking(
    file: TableFile,
    contents: Sequence[str],
    missing: Sequence[str],
    renamed: Mapping[str, str],
) -> DataError:
    """What to raise for a table without some columns, with the option to type.

    Parameters
    ----------
    contents
        Of ``path`` and ``text`` those that would do, where it has neither.
    missing
        Further columns that it lacks.
    renamed
        What the user calls columns.
    """
    contents = contents if file.names else contents[:1]
    either = " or ".join(repr(renamed.get(name, name)) for name in contents or missing[:1])
    more = [repr(renamed.get(name, name)) for name in missing[0 if contents else 1 :]]
    told = f"no column {either}{f', and none called {more[0]}' if more and file.names else ''}"
    listed = ", ".join(file.names[:20]) or "none at all"
    given = {ours: theirs for ours, theirs in renamed.items() if theirs in file.names}
    return DataError(
        f"{file.path} has {told}; its columns are: {listed}.",
        remedy=_remedy(file, contents, missing, given),
        code="missing_column",
    )


def _remedy(
    file: TableFile, contents: Sequence[str], missing: Sequence[str], given: Mapping[str, str]
) -> str:
    taken = set(given.values())
    guess = {**given, **guess_columns(file, contents, missing, taken)}
    if file.in_memory:
        return _renaming(guess, (*contents, *missing))
    header = _guessed(file.names)
    unnamed = f"--no-header {','.join(header)} (header={header})"
    if looks_like_data(file.names):
        return f"If its first line is data already, name its columns with {unnamed}."
    wanted = (*contents[:1], *missing)
    found = any(name in guess for name in contents) or not contents
    if contents and not found and _only_cells(file):
        return (
            "This is a table of numbers and categories, without images or texts. Name its column "
            f"of labels: topwork fit {shlex.quote(str(file.path))} --columns label=NAME; or find "
            f"groups of its rows: topwork cluster {shlex.quote(str(file.path))}. A column of "
            f"images or texts is named with --columns {contents[-1]}=NAME (in Python "
            f"columns={{'{contents[-1]}': 'NAME'}})."
        )
    if not found or any(name not in guess for name in missing):
        example = ",".join([*(f"{o}={t}" for o, t in guess.items()), *_open(wanted, guess)])
        return (
            f"Say which it is with --columns {example} (in Python tw.read(..., "
            f"columns={{'{wanted[0]}': 'NAME'}})), or, if its first line is data "
            f"already, name its columns with {unnamed}."
        )
    option = shlex.quote(",".join(f"{ours}={theirs}" for ours, theirs in guess.items()))
    unlabelled = (
        " Search, maps and clusters need no labels: give them the table itself."
        if list(missing) == ["label"]
        else ""
    )
    return f"Try --columns {option} (in Python tw.read(..., columns={guess})).{unlabelled}"


def _only_cells(file: TableFile) -> bool:
    """Whether a table has columns to cluster its rows by, and none of images or texts."""
    if guess_columns(file, (PATH, TEXT), (), set()):
        return False
    columns = {name: _cells(file, name) for name in file.names}
    usable = (
        _share(cells, _AMOUNT.fullmatch) > _FILLED or _repeats(name, cells)
        for name, cells in columns.items()
    )
    return sum(usable) >= _MIN_COLUMNS


def _renaming(guess: Mapping[str, str], wanted: Sequence[str]) -> str:
    """What to do with the columns of a frame."""
    names = {theirs: ours for ours, theirs in guess.items() if theirs.lower() != ours}
    if names:
        return f"Rename its columns: frame.rename(columns={names})."
    if "label" in wanted:
        return "Call the column of paths path, that of texts text, and that of labels label."
    return "Call the column of paths path or that of texts text; give pixels as arrays (n, h, w)."


def _open(wanted: Sequence[str], guess: Mapping[str, str]) -> list[str]:
    either = PATH in wanted and TEXT in guess
    return [
        f"{name}=NAME" for name in wanted if name not in guess and not (either and name == "path")
    ]


def guess_columns(
    file: TableFile, contents: Sequence[str], missing: Sequence[str], taken: set[str]
) -> dict[str, str]:
    """Which columns hold files or texts, and labels, so far as their cells tell."""
    columns = {name: _cells(file, name) for name in file.names if name not in taken}
    guess: dict[str, str] = {}
    if PATH in contents or PATH in missing:
        paths = [name for name, cells in columns.items() if _share(cells, _is_file_name) > 0.8]
        guess |= {PATH: paths[0]} if paths else {}
    if (TEXT in contents or TEXT in missing) and not guess:
        n_rows = min(len(file.lines), _LOOKED_AT)
        words = {
            name: _words(cells)
            for name, cells in columns.items()
            if len(cells) > n_rows * _FILLED and _share(cells, _is_file_name) < _FILLED
        }
        longest = max(words, key=words.__getitem__, default=None)
        guess |= {TEXT: longest} if longest is not None and words[longest] >= _TEXT_WORDS else {}
    if "label" in missing:
        used = {*guess.values(), *(n for n in file.names if n.lower() in (PATH, TEXT, "id"))}
        few = [name for name in columns if name not in used and _repeats(name, columns[name])]
        few.sort(key=lambda name: (not _LABELS.search(name), len(set(columns[name]))))
        guess |= {"label": few[0]} if few else {}
    return guess


def names_images(cells: Sequence[Cell]) -> bool:
    """Whether what a column holds are names of image files rather than texts.

    Examples
    --------
    >>> names_images(["a/1.jpg", "b/2.PNG"]), names_images(["see a/1.jpg for it", "fine"])
    (True, False)
    """
    filled = [cell for cell in cells[:_LOOKED_AT] if cell and cell.strip()]
    return _share(filled, _is_file_name) > _NEARLY_ALL


def _cells(file: TableFile, name: str) -> list[str]:
    try:
        cells = file.column(name)
    except DataError:  # lists or structures
        return []
    return [cell for cell in cells[:_LOOKED_AT] if cell]


def _share(cells: Sequence[str], test: object) -> float:
    assert callable(test)
    return sum(bool(test(cell)) for cell in cells) / len(cells) if cells else 0.0


def _is_file_name(cell: str) -> bool:
    return os.path.splitext(cell)[1].lower() in IMAGE_EXTENSIONS  # noqa: PTH122 (a cell)


def _words(cells: Sequence[str]) -> float:
    """Words per cell; what has no letter, such as a number, is none."""
    counts = (sum(any(map(str.isalpha, word)) for word in cell.split()) for cell in cells)
    return sum(counts) / len(cells) if cells else 0.0


def _repeats(name: str, cells: Sequence[str]) -> bool:
    """Whether there are several values, each of them of few words, and most more than once."""
    distinct = set(cells)
    fewest = 1 if _LABELS.search(name) else 2  # the first rows may be of one class
    return fewest <= len(distinct) <= max(2, len(cells) / 2) and _words(cells) <= _FEW_WORDS


def looks_like_data(names: Sequence[str]) -> bool:
    """Whether the line of names is a row: it names a file, or holds a sentence or a number."""
    return any(
        _is_file_name(name) or len(name.split()) > _FEW_WORDS or _NUMBER.fullmatch(name)
        for name in names
    )


def _guessed(cells: Sequence[str]) -> list[str]:
    """What the columns may be called if the first line is data: one of many words is a text."""
    words = [len(cell.split()) for cell in cells]
    if len(cells) != 2 or max(words) <= _FEW_WORDS:
        return ["path", "label"]
    return ["text", "label"] if words[0] > words[1] else ["label", "text"]
