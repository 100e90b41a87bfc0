"""Names out of the data, which can be anything, made visible and harmless."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST_NAME: Final = 300
LONGEST_BRIEF: Final = 80
LONGEST_TEXT: Final = 4_000
_JOINERS: Final = frozenset("\u200c\u200d")
_MARKS_IN_A_ROW: Final = 3


def visible(text: str) -> str:
    r"""The text with everything that cannot be seen written as an escape.

    Control characters, marks that turn the direction of writing, half surrogates (undecodable
    bytes of a file name) and heaps of accents would break a page or mislead its reader. Joiners
    stay: Persian and many emoji need them. Markup is not escaped here.

    Examples
    --------
    >>> visible("a\nb\u202egpj.exe")
    'a\\nb\\u202egpj.exe'
    """
    text = _shortened(text, LONGEST_TEXT)
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible_characters(text))


def visible_name(text: str) -> str:
    """A name as it is shown: visible, not endless, never empty.

    Examples
    --------
    >>> visible_name("")
    '(empty)'
    """
    return visible(_shortened(text, LONGEST_NAME)) or "(empty)"


def brief(name: str) -> str:
    """A name without its middle, where it would fill half a page."""
    return _shortened(name, LONGEST_BRIEF)


def _visible_characters(text: str) -> list[str]:
    shown, marks = [], 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        plain = character.isprintable() or category == "Zs" or character in _JOINERS
        harmless = plain and marks <= _MARKS_IN_A_ROW
        shown.append(character if harmless else _escape(character))
    return shown


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def _shortened(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]} … {text[-half:]}"
