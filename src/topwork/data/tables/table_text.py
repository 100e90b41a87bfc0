"""The text of a table's file, whatever encoding it is in."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from topwork.errors import DataError

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_PARTLY: Final = 0.25
"""Share of the lines beyond ASCII that must be UTF-8 for the others to be damaged ones."""

_LONG_RUN: Final = re.compile(r"[\x80-\uffff]{4,}")
"""Western words have single letters beyond ASCII; in other scripts they stand together."""

_AMID: Final = re.compile(r"(?<=[a-z\u00df-\u00ff])[^\x00-\x7f](?=[a-z\u00df-\u00ff])")
_BEHIND_SMALL: Final = re.compile(
    r"(?<=[a-z\u00df-\u00ff])[\u00c0-\u00de\u0160\u0178\u017d](?![A-Z])"
)

_INSIDE_WORDS: Final = "\u2019\u2018\u00b7\u00ad\u2013\u2014\u2026\u00ba\u00ae\u2122\u00a0"
"""Of Windows' signs those that may stand between two letters."""

_ODD: Final = 0.03
"""Share of the signs beyond ASCII that may look wrong."""


@dataclass(frozen=True, slots=True)
class TableText:
    """What a table's file says.

    Parameters
    ----------
    text
        All of it; bytes that are no UTF-8 as half characters where ``undecodable`` is there.
    hints
        Sentences about its encoding, where it isn't UTF-8.
    undecodable
        What to raise where no byte may be missing.
    """

    text: str
    hints: tuple[str, ...] = ()
    undecodable: DataError | None = None


def read_table_text(path: Path) -> TableText:
    """Read the file in the encoding that its first bytes name, in UTF-8, or in Windows-1252.

    A file of which few lines beyond ASCII are UTF-8 is in one other encoding throughout; that of
    Western Excel is read where the words make sense so. Where more of them are, the others are
    damaged, and are left to whoever needs them.

    Raises
    ------
    topwork.errors.DataError
        If the whole file is in an encoding that can't be told.
    """
    data = path.read_bytes()
    name = next((name for mark, name in _MARKS if data.startswith(mark)), None) or _wide(data)
    if name is not None and name != "utf-8-sig":
        return _marked(path, data, name)
    try:
        return TableText(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        first = error.start
    partly = _is_partly_utf8(data)
    whole = None if partly else _western(path, data)
    if whole is not None:
        return whole
    if not partly and not _damaged(data):
        raise DataError(
            f"{path} is not in UTF-8 (byte {first}), and its encoding can't be told.",
            remedy=_advice(path),
            code="encoding",
        )
    why = DataError(f"{path} is not in UTF-8 (byte {first}).", remedy=_advice(path))
    return TableText(data.decode("utf-8-sig", errors="surrogateescape"), undecodable=why)


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark, in which every other byte of Western text is zero."""
    head = data[:4096]
    odd, even = head[1::2].count(0), head[::2].count(0)
    if len(head) < 4 or max(odd, even) < len(head) / 4 or min(odd, even) > 0:
        return None
    return "utf-16-le" if odd else "utf-16-be"


def _marked(path: Path, data: bytes, name: str) -> TableText:
    shown = name.upper()[:6]
    try:
        return TableText(data.decode(name), (f"{path} is in {shown} and was read as such.",))
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} begins like {shown} but isn't (byte {error.start}).", remedy=_advice(path)
        ) from error


def _western(path: Path, data: bytes) -> TableText | None:
    """The text in the encoding of Western Windows, if it makes sense so."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    if _looks_wrong(text):
        return None
    said = f"{path} is not in UTF-8 but in Windows-1252 (Latin-1, as Excel writes it)"
    return TableText(text, (f"{said}, and was read as such.",))


def _is_partly_utf8(data: bytes) -> bool:
    """Whether many lines beyond ASCII are UTF-8; in other encodings a few are by chance."""
    lines = [line for line in data.splitlines() if not line.isascii()]
    return sum(map(_is_utf8, lines)) >= _PARTLY * len(lines)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _damaged(data: bytes) -> bool:
    """Whether only single lines hold bytes beyond ASCII."""
    lines = data.splitlines()
    return sum(not line.isascii() for line in lines) <= max(1, _ODD * len(lines))


def _looks_wrong(text: str) -> bool:
    """Whether the words make no sense: signs amid letters, capitals behind small ones, long runs.

    Examples
    --------
    >>> _looks_wrong("déjà vu, 5 £"), _looks_wrong("Привет".encode("cp1251").decode("cp1252"))
    (False, True)
    """
    beyond = sum(sign > "\x7f" for sign in text)
    runs = sum(len(run) for run in _LONG_RUN.findall(text))
    odd = sum(
        not (sign.isalpha() and sign.islower()) and sign not in _INSIDE_WORDS
        for sign in _AMID.findall(text)
    ) + len(_BEHIND_SMALL.findall(text))
    return runs > 0.2 * beyond or odd > _ODD * beyond


def _advice(path: Path) -> str:
    return (
        "Save it again as UTF-8 (in Excel: CSV UTF-8), or convert it: "
        f"iconv -f ENCODING -t UTF-8 {path} > utf8{path.suffix}"
    )
