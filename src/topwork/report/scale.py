"""Where a number lies along an axis, in per cent of its length."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from topwork.metrics.records import Score
from topwork.report.numbers import THIN


@dataclass(frozen=True, slots=True)
class Tick:
    """A marked place: ``at`` in per cent of the axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from ``low`` to ``high``, linear or logarithmic.

    Figures give every place in per cent, so that they stretch with the page while their text and
    lines keep their size.

    Examples
    --------
    >>> Scale(0.0, 2.0).at(0.5)
    25.0
    >>> Scale(1.0, 100.0, log=True).at(10)
    50.0
    """

    low: float
    high: float
    ticks: tuple[Tick, ...] = ()
    log: bool = False

    def at(self, x: float | None) -> float:
        """The place of x, kept inside the axis; None is its far end."""
        if x is None:
            return 100.0
        low, high, x = (self._bend(v) for v in (self.low, self.high, x))
        return round(100 * min(1.0, max(0.0, (x - low) / (high - low))), 2)

    def up(self, x: float | None) -> float:
        """The same for an axis that grows upwards, where SVG counts downwards."""
        return round(100 - self.at(x), 2)

    def _bend(self, x: float) -> float:
        return math.log(x) if self.log else x


def share_scale() -> Scale:
    """From 0 to 100 per cent."""
    return _with_ticks(0.0, 1.0, 0.25)


def scale_for(scores: Iterable[Score | None]) -> Scale:
    """A scale of shares that shows these scores and their intervals, and little else."""
    ends = [e for s in scores if s for e in (s.value, s.low, s.high) if e is not None]
    ends = [e for e in ends if math.isfinite(e)]
    if not ends:
        return share_scale()
    low, high = min(ends), max(ends)
    step = _step(max(high - low, 0.02))
    bottom = max(0.0, math.floor(low / step + 1e-9) * step)
    top = min(1.0, math.ceil(high / step - 1e-9) * step) if high <= 1 else high
    if high <= 1:
        bottom = min(bottom, 1.0 - step)  # where all is right the scale grows downwards
    return _with_ticks(bottom, max(top, bottom + step), step)


def number_scale(scores: Iterable[Score | None]) -> Scale:
    """A scale from 0 of numbers of any size that shows these scores and their intervals.

    Examples
    --------
    >>> [tick.text for tick in number_scale([Score(value=30.0, low=20.0, high=38.0)]).ticks]
    ['0', '10', '20', '30', '40']
    """
    ends = [e for s in scores if s for e in (s.value, s.high) if e is not None and e > 0]
    high = max((e for e in ends if math.isfinite(e)), default=1.0)
    step = _step(high)
    n = max(1, math.ceil(high / step - 1e-9))
    scale = Scale(0.0, n * step)
    marks = (i * step for i in range(n + 1))
    return Scale(0.0, n * step, tuple(Tick(scale.at(m), f"{m:.4g}") for m in marks))


def range_scale(low: float, high: float) -> Scale:
    """A scale of numbers between two of them.

    Examples
    --------
    >>> [tick.text for tick in range_scale(-3.0, 9.0).ticks]
    ['-5', '0', '5', '10']
    """
    step = _step(max(high - low, 1e-9 * max(1.0, abs(low), abs(high))))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    scale = Scale(first * step, last * step)
    marks = (i * step for i in range(first, last + 1))
    return Scale(scale.low, scale.high, tuple(Tick(scale.at(m), f"{m:.4g}") for m in marks))


def label_scale(places: Sequence[float]) -> Scale:
    """A logarithmic scale of labels per class, marked at doublings."""
    low, high = min(places), max(places)
    if low == high:
        low, high = low / 2, high * 2
    scale = Scale(low, high, log=True)
    n = max(1, round(math.log2(high / low)))
    marks = (low * 2**i for i in range(n + 1))
    kept = [m for m in marks if m <= high * 1.01]
    return Scale(low, high, tuple(Tick(scale.at(m), f"{m:.0f}") for m in kept), log=True)


def budget_scale(places: Iterable[float]) -> Scale:
    """A logarithmic scale from 1 to 100 labels per class, and as far beyond as is measured.

    Examples
    --------
    >>> [tick.text for tick in budget_scale([3, 150]).ticks]
    ['1', '2', '5', '10', '20', '50', '100', '200']
    """
    high, marks = 100.0, [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]
    while high < max(places, default=high):
        high *= 2
        marks.append(high)
    scale = Scale(1.0, high, log=True)
    return Scale(1.0, high, tuple(Tick(scale.at(m), f"{m:.0f}") for m in marks), log=True)


def _with_ticks(low: float, high: float, step: float) -> Scale:
    scale = Scale(low, high)
    digits = 0 if step >= 0.01 else 1
    write: Callable[[float], str] = lambda x: f"{100 * x:.{digits}f}{THIN}%"  # noqa: E731
    n = round((high - low) / step)
    marks = (low + i * step for i in range(n + 1))
    return Scale(low, high, tuple(Tick(scale.at(m), write(m)) for m in marks))


def _step(width: float) -> float:
    rough = width / 4
    power = 10.0 ** math.floor(math.log10(rough))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= rough - 1e-12)
