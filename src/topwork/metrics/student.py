"""Student's t distribution, without the third of a second that importing SciPy's takes."""

from __future__ import annotations

import math
from functools import cache

_MANY = 50.0
"""From so many on the series of a ratio of gamma functions is exact in double precision."""

_TINY = 1e-300
_MAX_TERMS = 10_000


def student_tail(t: float, degrees: float) -> float:
    """P(T > t) of Student's t.

    Parameters
    ----------
    t
        Any number.
    degrees
        Degrees of freedom, above 0.

    References
    ----------
    Abramowitz and Stegun 1964, 26.7.1 and 26.5.8: I_x(d/2, 1/2) / 2 with x = d / (d + t²).

    Examples
    --------
    >>> round(student_tail(2.0, 10), 4)
    0.0367
    """
    if t < 0:
        return 1 - student_tail(-t, degrees)
    return _both_tails(t * t, degrees) / 2


@cache
def student_quantile(p: float, degrees: float) -> float:
    """The t with P(T ≤ t) = p.

    Parameters
    ----------
    p
        Above 0 and below 1.
    degrees
        Degrees of freedom, 1 or more.

    Examples
    --------
    >>> round(student_quantile(0.975, 10), 3)
    2.228
    """
    if p < 0.5:
        return -student_quantile(1 - p, degrees)
    tail, low, high = 1 - p, 0.0, 1.0
    while student_tail(high, degrees) > tail:
        low, high = high, 2 * high
    t = (low + high) / 2
    for _ in range(200):
        error = student_tail(t, degrees) - tail
        low, high = (t, high) if error > 0 else (low, t)
        step = t + error / _density(t, degrees)  # Newton's, halving where that leads outside
        new = step if low < step < high else (low + high) / 2
        if abs(new - t) <= 1e-14 * max(t, _TINY):
            return new
        t = new
    return t


def _both_tails(square: float, degrees: float) -> float:
    """P(T² > square): the regularised incomplete beta function I_x(degrees / 2, 1/2)."""
    if square == 0:
        return 1.0
    if math.isinf(square):
        return 0.0
    a, b, x = degrees / 2, 0.5, degrees / (degrees + square)
    rest = square / (degrees + square)  # 1 - x, without what the subtraction loses
    log_power = -a * math.log1p(square / degrees) + b * math.log(rest)
    front = math.exp(log_power) * _gamma_ratio(a) / math.sqrt(math.pi)
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, rest) / b


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    d = 1 / _away_from_0(1 - (a + b) * x / (a + 1))
    c, value = 1.0, d
    for m in range(1, _MAX_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away_from_0(1 + term * d)
            c = _away_from_0(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return value


def _away_from_0(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _gamma_ratio(a: float) -> float:
    """Γ(a + 1/2) / Γ(a)."""
    if a < _MANY:
        return math.exp(math.lgamma(a + 0.5) - math.lgamma(a))
    r = 1 / a
    series = (((-21 / 32768 * r + 5 / 1024) * r + 1 / 128) * r - 1 / 8) * r + 1
    return math.sqrt(a) * (series - 399 / 262144 * r**5)


def _density(t: float, degrees: float) -> float:
    scale = _gamma_ratio(degrees / 2) / math.sqrt(degrees * math.pi)
    return scale * math.exp(-(degrees + 1) / 2 * math.log1p(t * t / degrees))
