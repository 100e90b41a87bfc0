"""Numbers as people write them: with a unit, a decimal comma or separators between thousands."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from topwork.data.targets.label_values import Label

_WRITTEN: Final = re.compile(
    r"([$€£]?)\s*([+-]?(?:[0-9][0-9.,]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*([^\W\d]{1,5}|[%€$£])?"
)
_PLAIN: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_THOUSANDS: Final = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_COMMA: Final = re.compile(r"[+-]?[0-9]+,[0-9]+")
MISSING: Final = frozenset(("nan", "n/a", "#n/a", "<na>", "null", "none", "-", "?"))


@dataclass(frozen=True, slots=True)
class ReadNumbers:
    """What k labels say as numbers.

    Parameters
    ----------
    numbers
        A number each; None where a label says that it is missing.
    bad
        Positions of the labels that are neither a number nor a gap.
    why
        What is wrong where there are no bad labels and they still can't be read; else empty.
    """

    numbers: tuple[float | None, ...]
    bad: tuple[int, ...] = ()
    why: str = ""


def read_numbers(labels: Sequence[Label]) -> ReadNumbers:
    """Numbers of labels that are written alike.

    Examples
    --------
    >>> read_numbers(["1.5 kg", "2 kg", "n/a"]).numbers
    (1.5, 2.0, None)
    >>> read_numbers(["1,25", "3,5"]).numbers, read_numbers(["1,250,000", "3.5"]).numbers
    ((1.25, 3.5), (1250000.0, 3.5))
    >>> read_numbers(["1.5", "large"]).bad, bool(read_numbers(["1,250", "3,750"]).why)
    ((1,), True)
    """
    texts = [label.strip() if isinstance(label, str) else label for label in labels]
    missing = [isinstance(text, str) and text.lower() in MISSING for text in texts]
    parts = [number_and_unit(text) for text in texts]
    bad = tuple(i for i, part in enumerate(parts) if part is None and not missing[i])
    if bad:
        return ReadNumbers((None,) * len(labels), bad)
    found = [part for part in parts if part is not None]
    units = sorted({part[1] for part in found})
    if len(units) > 1:
        named = " and ".join(repr(unit) for unit in units[:3])
        return ReadNumbers((None,) * len(labels), why=f"The numbers have several units: {named}.")
    style = comma_meaning([part[0] for part in found])
    if style is None:
        shown = next(part[0] for part in found if "," in part[0])
        return ReadNumbers((None,) * len(labels), why=f"The comma in {shown} can mean two things.")
    plain = [None if part is None else part[0].replace(",", style) for part in parts]
    values = [None if text is None or missing[i] else _float(text) for i, text in enumerate(plain)]
    strange = tuple(i for i, value in enumerate(values) if value is None and not missing[i])
    return ReadNumbers(tuple(values), strange)


def number_and_unit(label: Label) -> tuple[str, str] | None:
    """The number as it is written, and its unit; None where a label is no number.

    Examples
    --------
    >>> number_and_unit("1,250 kg"), number_and_unit("large")
    (('1,250', 'kg'), None)
    """
    if isinstance(label, bool):
        return None
    if isinstance(label, (int, float)):
        return repr(float(label)), ""
    match = _WRITTEN.fullmatch(label)
    return None if match is None else (match[2], (match[1] or match[3] or "").strip())


def comma_meaning(texts: Sequence[str]) -> str | None:
    """What a comma stands for: nothing between thousands, else a point; None if it may be both.

    Examples
    --------
    >>> comma_meaning(["1,25"]), comma_meaning(["1,250,000"]), comma_meaning(["1,250"])
    ('.', '', None)
    """
    with_comma = [text for text in texts if "," in text]
    thousands = all(_THOUSANDS.fullmatch(text) for text in with_comma)
    decimal = all(_COMMA.fullmatch(text) for text in with_comma)
    decimal = decimal and not any("." in text for text in texts)
    if not with_comma or (thousands and not decimal):
        return ""
    return "." if decimal and not thousands else None


def _float(text: str) -> float | None:
    if not _PLAIN.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None
