"""Lines that begin with their label, as fastText takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from topwork.data.tables.table_file import BadRow, Cell, TableFile
from topwork.errors import DataError

_PREFIX: Final = "__label__"


def is_prefixed(path: Path) -> bool:
    """Whether the first line of the file begins with a label.

    Raises
    ------
    OSError
        The file can't be opened.
    """
    with path.open("rb") as file:
        return file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_PREFIX.encode())


def read_prefixed(path: Path, text: str) -> TableFile:
    """Read the text of a file with lines like ``__label__good a fine film``.

    Several labels before a text make one that joins them with ``;``.
    """
    lines: list[int] = []
    rows: dict[str, list[Cell]] = {"label": [], "text": []}
    bad: list[BadRow] = []
    for line, written in enumerate(text.split("\n"), start=1):
        words = written.split()
        if not words:
            continue
        labels = []
        while words and words[0].startswith(_PREFIX):
            labels.append(words.pop(0).removeprefix(_PREFIX))
        if not labels:
            why = f"Line {line} of {path} does not begin with {_PREFIX}."
            bad.append(BadRow(line, "bad_row", DataError(why, remedy="Write its label there.")))
            continue
        lines.append(line)
        rows["label"].append(";".join(labels))
        rows["text"].append(" ".join(words))
    return TableFile(path, list(rows), lines, rows.__getitem__, bad=bad)
