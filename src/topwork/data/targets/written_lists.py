"""Cells that hold a list as programs write it: Python, JSON, NumPy."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

from topwork.data.targets.label_meaning import list_separator, stripped_list

_QUOTED: Final = re.compile(r""""(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'""")
_ALL_QUOTED: Final = re.compile(rf"[\s,]*+(?:(?:{_QUOTED.pattern})[\s,]*+)*+")
"""Read once from left to right: a search from each quote would take for ever."""

_NUMBERS: Final = re.compile(r"-?[0-9.]+(?:\s+-?[0-9.]+)+")


def written_list(text: str) -> list[str] | None:
    """The entries of a list; None where the text is none.

    What separates entries may stand inside of quoted ones; arrays of NumPy have blanks between
    their entries.

    Examples
    --------
    >>> written_list('["a, b", "c"]'), written_list("['a' 'b']"), written_list("[a, 'b']")
    (['a, b', 'c'], ['a', 'b'], ['a', 'b'])
    >>> written_list("[1 2]"), written_list("set()"), written_list("a, b") is None
    (['1', '2'], [], True)
    """
    if text == "set()":
        return []
    if not list_separator(text):
        return None
    inner = stripped_list(text)
    if _ALL_QUOTED.fullmatch(inner):
        return [_unquoted(quoted) for quoted in _QUOTED.findall(inner)]
    if _NUMBERS.fullmatch(inner.strip()):
        return inner.split()
    return [part.strip().strip("'\"") for part in inner.split(",")]


def _unquoted(quoted: str) -> str:
    if quoted[0] == '"':
        try:
            return str(json.loads(quoted))
        except ValueError:
            pass
    return re.sub(r"\\(.)", r"\1", quoted[1:-1])


def in_one_cell(labels: Sequence[str]) -> str:
    """Labels as one cell: ``sea;sky``, or a list where that would be read as other labels.

    Examples
    --------
    >>> in_one_cell(["sea", "sky"]), in_one_cell(["a;b"]), in_one_cell([])
    ('sea;sky', '["a;b"]', '')
    """
    if any(";" in label or written_list(label) is not None for label in labels):
        return as_list(labels)
    return ";".join(labels)


def as_list(labels: Sequence[str]) -> str:
    """Labels as a list of JSON."""
    return json.dumps(list(labels), ensure_ascii=False)
