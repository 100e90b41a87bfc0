"""Cells of tables that people open in spreadsheets, which take some texts for formulas."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

_FORMULA: Final = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER: Final = re.compile(r"[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?")


def inert(text: str) -> str:
    """A text that no spreadsheet computes: a blank stands before what would be a formula.

    Blanks around a text are no part of it where it is read again; numbers stay numbers.

    Examples
    --------
    >>> inert("=cmd|' /C calc'!A0"), inert("fine"), inert("-0.5")
    (" =cmd|' /C calc'!A0", 'fine', '-0.5')
    """
    if _NUMBER.fullmatch(text) or not _FORMULA.match(text):
        return text
    return f" {text}"


_SIGN: Final = r"[=+\-@/<>~\uff1d\uff0b\uff0d\uff20]"
_NAME: Final = re.compile(
    rf"{_SIGN}+|[+\-@\uff0b\uff0d\uff20]+[^\W\d]+(?: [^\W\d]+)*|[+\-][0-9][\w%°., ]*"
)


def inert_label(label: str) -> str:
    """A label as it is, where it is nothing that a spreadsheet can compute.

    A label must be the same in every program that reads the table: signs alone, and a sign before a
    word, stay. Only what could be a formula, with numbers, cells, functions or commands, gets the
    blank of `inert`, which reading removes.

    Examples
    --------
    >>> inert_label("+"), inert_label("="), inert_label("@home"), inert_label("-10 to 0")
    ('+', '=', '@home', '-10 to 0')
    >>> inert_label("=x"), inert_label("=1+1"), inert_label("@SUM(A1)")
    (' =x', ' =1+1', ' @SUM(A1)')
    """
    return label if _NAME.fullmatch(label) else inert(label)


def inert_path(path: str) -> str:
    """A relative path of which the same holds.

    Examples
    --------
    >>> inert_path("=1+1.jpg"), inert_path("a/b.jpg")
    ('./=1+1.jpg', 'a/b.jpg')
    """
    return f"./{path}" if _FORMULA.match(path) else path


def write_table(file: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV table in UTF-8; bytes of file names that are none stay as they are."""
    with file.open("w", newline="", encoding="utf-8", errors="surrogateescape") as stream:
        table = csv.writer(stream)
        table.writerow(header)
        table.writerows(rows)
