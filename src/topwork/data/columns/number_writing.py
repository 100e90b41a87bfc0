"""How the numbers of a column are written: what commas and points in them mean, and the unit."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

from topwork.data.targets.number_values import number_and_unit

Comma = Literal["", ".", "points"]
"""What a comma in a number stands for: nothing between thousands; the decimal point; or the decimal
point, where points stand between thousands."""

COMMAS: Final[tuple[Comma, ...]] = ("", ".", "points")

MAX_STRANGE: Final = 0.05
"""Share of the cells of a column of numbers or dates that may be something else; they count as
missing."""

_SIMPLE: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,20})?")
"""What most numbers look like, which are read in one step: with a decimal point, and no unit."""

_PLAIN: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_COMMAS_BETWEEN: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]*)?")
_POINTS_BETWEEN: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]*)?")
_DECIMAL_COMMA: Final = re.compile(r"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]+)?")


def units_of(cells: Sequence[str]) -> list[str]:
    """The unit of the numbers among cells, or all if more than few cells have another one.

    Examples
    --------
    >>> units_of(["3 kg", "1.5 kg", "many"]), units_of(["500 g", "2 kg"]), units_of(["5", "7"])
    (['kg'], ['g', 'kg'], [''])
    """
    parts = (number_and_unit(cell.strip()) for cell in cells)
    counts = Counter(part[1] for part in parts if part is not None)
    if not counts:
        return [""]
    unit, n = counts.most_common(1)[0]
    return [unit] if counts.total() - n <= MAX_STRANGE * counts.total() else sorted(counts)


def comma_of(cells: Sequence[str], unit: str = "") -> tuple[Comma | None, bool]:
    """What commas in a column of numbers stand for, and whether that is only likely.

    None if cells contradict each other, or could be read in several ways.

    Examples
    --------
    >>> comma_of(["1,250.5", "7"]), comma_of(["1,25", "7"]), comma_of(["1.250,50", "980"])
    (('', False), ('.', False), ('points', False))
    >>> comma_of(["1,250", "7"]), comma_of(["1,250", "3.750"]), comma_of(["1,25", "1,250.5"])
    (('', True), (None, False), (None, False))
    """
    marked = [cell for cell in cells if "," in cell or cell.count(".") > 1]
    if not marked:
        return "", False
    counts = {comma: sum(number_of(c, comma, unit) is not None for c in cells) for comma in COMMAS}
    most = max(counts.values())
    likely = [comma for comma in COMMAS if counts[comma] == most]
    if most < (1 - MAX_STRANGE) * len(cells):
        return None, False
    if "" not in likely:
        points = any(_has_points_between(cell, unit) for cell in cells)
        return "points" if points and "points" in likely else ".", False
    if "points" not in likely:  # a comma alone may be decimal, beside a decimal point it is not
        return "", False
    return (None, False) if any("." in cell for cell in cells) else ("", True)


def number_of(cell: str | None, comma: Comma = "", unit: str = "") -> float | None:
    """The number that a cell holds; None where it holds none, or has another unit.

    Examples
    --------
    >>> number_of("1,250.5 kg", unit="kg"), number_of("1,5", "."), number_of("1.250,5", "points")
    (1250.5, 1.5, 1250.5)
    >>> number_of("500 g", unit="kg"), number_of("1,5"), number_of("many"), number_of("1_2")
    (None, None, None, None)
    """
    if cell is not None and not comma and not unit and _SIMPLE.fullmatch(cell):
        return float(cell)
    part = None if cell is None else number_and_unit(cell.strip())
    return None if part is None or part[1] != unit else _value(part[0], comma)


def is_number(cell: str) -> bool:
    """Whether a cell holds a number, whatever a comma stands for and in whatever unit.

    Examples
    --------
    >>> is_number("1,5 kg"), is_number("1.250,5"), is_number("31.12.2024")
    (True, True, False)
    """
    if _SIMPLE.fullmatch(cell):
        return True
    part = number_and_unit(cell.strip())
    return part is not None and any(_value(part[0], comma) is not None for comma in COMMAS)


MIN_PADDED = 0.02
"""Share of codes of one length that begin with a zero: a tenth, if all are as frequent. One 07
among hundreds of ages is a slip."""


def is_zero_padded(cells: Sequence[str]) -> bool:
    """Whether whole numbers have zeros in front, as codes have and amounts don't.

    All but few cells are digits, and either of one length with some zeros in front, or more than
    few have them.

    Examples
    --------
    >>> is_zero_padded(["007", "012", "130"]), is_zero_padded(["01067", "8001"])
    (True, True)
    >>> is_zero_padded(["07", *["35"] * 199])
    False
    >>> is_zero_padded(["0", "7", "130"]), is_zero_padded(["0.5", "07.25"])
    (False, False)
    """
    digits = [cell.strip() for cell in cells if cell.strip().isdecimal()]
    padded = Counter(len(text) for text in digits if text[0] == "0" and len(text) > 1)
    if not padded or len(digits) < (1 - MAX_STRANGE) * len(cells):
        return False
    length, n = Counter(map(len, digits)).most_common(1)[0]
    fixed = n >= (1 - MAX_STRANGE) * len(digits) and padded[length] >= MIN_PADDED * len(digits)
    return fixed or padded.total() > MAX_STRANGE * len(digits)


def _value(text: str, comma: Comma) -> float | None:
    plain = _with_point(text, comma)
    if not _PLAIN.fullmatch(plain):
        return None
    value = float(plain)
    return value if math.isfinite(value) else None


def _with_point(text: str, comma: Comma) -> str:
    """A number with a decimal point and nothing between thousands, where it can be told."""
    if not comma:
        return text.replace(",", "") if _COMMAS_BETWEEN.fullmatch(text) else text
    if _POINTS_BETWEEN.fullmatch(text):
        clear = comma == "points" or "," in text or text.count(".") > 1
        return text.replace(".", "").replace(",", ".") if clear else ""
    if comma == "points" and "." in text:
        return ""
    return text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text


def _has_points_between(cell: str, unit: str) -> bool:
    part = number_and_unit(cell.strip())
    return (
        part is not None
        and part[1] == unit
        and "." in part[0]
        and _POINTS_BETWEEN.fullmatch(part[0]) is not None
    )
