"""Numbers as people read them."""

from __future__ import annotations

import math
from typing import Final

from topwork.metrics.records import Score
from topwork.report.reported_metrics import Kind

NOTHING: Final = "–"
THIN: Final = "\u202f"
"""A narrow space that doesn't break, between a number and its unit."""


def percent(share: float | None) -> str:
    """A share in per cent.

    Examples
    --------
    >>> [percent(share).replace(THIN, " ") for share in (0.9241, 0.9999, 1.0)]
    ['92.4 %', '99.9 %', '100 %']
    """
    return NOTHING if share is None or math.isnan(share) else f"{_hundredths(share)}{THIN}%"


def rate(share: float) -> str:
    """A share that somebody chose, so without digits that they didn't give.

    Examples
    --------
    >>> rate(0.05).replace(THIN, " ")
    '5 %'
    """
    return f"{100 * share:g}{THIN}%"


def value(score: Score | None, kind: Kind = "share") -> str:
    """The value of a score.

    Examples
    --------
    >>> value(Score(value=0.046, low=0.034, high=0.075), "number")
    '0.046'
    """
    if score is None or math.isnan(score.value):
        return NOTHING
    return percent(score.value) if kind == "share" else number(score.value)


def interval(score: Score | None, kind: Kind = "share") -> str:
    """The interval of a score, in words.

    Examples
    --------
    >>> interval(Score(value=0.046, low=0.034, high=None), "number")
    '0.034 or more'
    """
    if score is None or math.isnan(score.low):
        return ""
    write = _hundredths if kind == "share" else number
    high = score.high
    if high is None or not math.isfinite(high):
        return f"{write(score.low)} or more"
    return f"{write(score.low)} to {write(high)}"


def number(x: float) -> str:
    """A number with three digits that matter.

    Examples
    --------
    >>> number(0.03412), number(1234.5), number(2.0)
    ('0.034', '1,234', '2')
    """
    if not math.isfinite(x):
        return NOTHING
    if abs(x) >= 100:
        return f"{x:,.0f}"
    return f"{x:.3f}".rstrip("0").rstrip(".") if abs(x) < 10 else f"{x:.1f}"


def seconds(duration: float | None) -> str:
    """A duration.

    Examples
    --------
    >>> seconds(75).replace(THIN, " ")
    '1 min 15 s'
    """
    if duration is None:
        return NOTHING
    if duration < 60:
        return f"{duration:.1f}{THIN}s"
    minutes, rest = divmod(round(duration), 60)
    return f"{minutes}{THIN}min {rest}{THIN}s"


def p_value(p: float | None) -> str:
    """A probability under chance.

    Examples
    --------
    >>> p_value(0.0001)
    '< 0.001'
    """
    if p is None:
        return NOTHING
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def count(n: int) -> str:
    """A count, with its thousands set apart."""
    return f"{n:,}"


def _hundredths(share: float) -> str:
    text = f"{min(100 * share, 99.9) if share < 1 else 100 * share:.1f}"  # 100 is all of them
    return text.removesuffix(".0") if text in {"100.0", "0.0"} else text
