"""Where a model does worse than elsewhere, with correction for having looked in many places."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import ParameterError
from topwork.metrics.intervals import Units, share_interval
from topwork.metrics.records import Record, Score
from topwork.metrics.student import student_tail

N_BINS = 4
#: Slices with fewer items, or with fewer items outside, are not looked at.
SMALLEST = 10
#: Of more kinds only the largest are looked at.
MAX_KINDS = 50

Float64 = NDArray[np.float64]


class Slice(Record):
    """The items of one kind, against all others.

    Parameters
    ----------
    attribute, value
        What they have in common; a range such as ``"0.1 to 0.4"`` for numbers.
    n_items
        How many they are.
    accuracy
        Share of them that is right.
    rest
        Share of the others that is right.
    difference
        ``accuracy`` minus ``rest``.
    p
        Two-sided p of the difference alone.
    p_adjusted
        The same after Holm's correction for all slices looked at.
    """

    attribute: str
    value: str
    n_items: int
    accuracy: Score
    rest: float
    difference: float
    p: float
    p_adjusted: float


class Slices(Record):
    """All slices looked at, and those that differ beyond chance, the worst first."""

    found: tuple[Slice, ...]
    all: tuple[Slice, ...]


def judge_slices(
    right: NDArray[np.bool_],
    attributes: Mapping[str, ArrayLike],
    *,
    groups: ArrayLike | None = None,
    level: float = 0.05,
) -> Slices:
    """Compare every slice with the rest of the items.

    Numbers are cut at their quartiles; anything else, and numbers of few kinds, by value. The
    standard error of a difference takes groups as one and knows two imaginary errors and two
    imaginary hits, one of each on either side (Agresti and Caffo 2000).

    Parameters
    ----------
    right
        Whether each held-out item is right, (n,).
    attributes
        Values (n,) under a name each; NaN and None are in no slice.
    groups
        Group of each item, (n,).
    level
        Chance of finding anything where nothing is there.

    Raises
    ------
    ParameterError
        An attribute does not have one value an item.

    References
    ----------
    Holm 1979, A simple sequentially rejective multiple test procedure.

    Examples
    --------
    >>> right = np.arange(200) % 10 != 0
    >>> right[:50] = np.arange(50) % 2 == 0
    >>> slices = judge_slices(right, {"place": ["cellar"] * 50 + ["roof"] * 75 + ["yard"] * 75})
    >>> [(s.value, round(s.difference, 2)) for s in slices.found][0]
    ('cellar', -0.4)
    """
    right = np.asarray(right, dtype=bool)
    units = Units.of(len(right), groups)
    raw = [
        _slice(name, value, inside, right, units)
        for name, values in attributes.items()
        for value, inside in _parts(name, values, len(right))
        if min(inside.sum(), (~inside).sum()) >= SMALLEST
    ]
    adjusted = holm([s.p for s in raw])
    every = [s.model_copy(update={"p_adjusted": p}) for s, p in zip(raw, adjusted, strict=True)]
    found = sorted((s for s in every if s.p_adjusted < level), key=lambda s: s.difference)
    return Slices(found=tuple(found), all=tuple(every))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values, in the order given.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(steps, 1)
    return [float(value) for value in adjusted]


def _parts(name: str, values: ArrayLike, n: int) -> list[tuple[str, NDArray[np.bool_]]]:
    """Names and masks (n,) of the slices of one attribute."""
    column = np.asarray(values)
    if column.shape != (n,):
        raise ParameterError(
            f"attribute {name!r} has shape {column.shape}, expected ({n},).",
            remedy="Give one value for each item.",
        )
    if column.dtype.kind in "iuf" and len(np.unique(column)) > 2 * N_BINS:
        return _ranges(column.astype(np.float64))
    return _kinds(column)


def _ranges(column: Float64) -> list[tuple[str, NDArray[np.bool_]]]:
    known = np.isfinite(column)
    edges = np.unique(np.quantile(column[known], np.linspace(0, 1, N_BINS + 1)))
    bins = np.clip(np.searchsorted(edges, column, side="right") - 1, 0, len(edges) - 2)
    return [
        (f"{low:.3g} to {high:.3g}", known & (bins == i))
        for i, (low, high) in enumerate(pairwise(edges))
    ]


def _kinds(column: NDArray[Any]) -> list[tuple[str, NDArray[np.bool_]]]:
    names = np.array([str(value) for value in column])
    known = np.array([value is not None and not _is_nan(value) for value in column])
    kinds, counts = np.unique(names[known], return_counts=True)
    largest = np.argsort(-counts, kind="stable")[:MAX_KINDS]
    return [(str(kind), known & (names == kind)) for kind in kinds[largest]]


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _slice(
    name: str, value: str, inside: NDArray[np.bool_], right: NDArray[np.bool_], units: Units
) -> Slice:
    difference = float(right[inside].mean() - right[~inside].mean())
    return Slice(
        attribute=name,
        value=value,
        n_items=int(inside.sum()),
        accuracy=_accuracy(right[inside], units.members[inside]),
        rest=float(right[~inside].mean()),
        difference=difference,
        p=_p(right, inside, units),
        p_adjusted=1.0,
    )


def _accuracy(right: NDArray[np.bool_], members: NDArray[np.intp]) -> Score:
    units, value, n = Units.of(len(right), members), float(right.mean()), len(right)
    low, high = share_interval(
        value, (right - value) / n, independent=value * (1 - value) / n, ceiling=n, units=units
    )
    return Score(value=value, low=low, high=high)


def _p(right: NDArray[np.bool_], inside: NDArray[np.bool_], units: Units) -> float:
    """Two-sided p of the difference between inside and outside."""
    influence = np.zeros(len(right))
    means, variance = [], 0.0
    for side in (inside, ~inside):
        n, mean = int(side.sum()), float((right[side].sum() + 1) / (side.sum() + 2))
        influence[side] = (right[side] - mean) / n * (1 if side is inside else -1)
        means.append(mean)
        variance += mean * (1 - mean) / (n + 2)
    if not units.single:
        variance = max(variance, units.variance(influence - influence.mean()))
    degrees = max(len(np.unique(units.members[inside])) - 1, 1)
    return 2 * student_tail(abs(means[0] - means[1]) / math.sqrt(variance), degrees)
