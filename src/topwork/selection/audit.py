"""Which unlabelled items a person should label to judge two models, and what the labels say.

Items on which the models disagree tell which one is better, the others how good both are. Both
kinds are strata, drawn from as the square root of their sizes (Bankier 1988, Power allocations);
within them the draw is spread over the pairs of predictions. Everything is said of the items
that were drawn from, not of others like them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import DataError, ParameterError
from topwork.metrics.intervals import wilson
from topwork.metrics.records import Record, Score

#: A label for an item that is of none of the classes: both models are wrong.
NO_CLASS = -1
_Z = 1.959964
_MIN = 2
_SMOOTH = 0.5

Float64 = NDArray[np.float64]


class AuditPlan(Record):
    """Items to label, in an order in which one may stop at any time.

    Parameters
    ----------
    positions
        Where the items are among all, (N,).
    before, after
        What the old and the new model say of them, codes (N,).
    disagreed
        Whether each was drawn from the items on which the models disagree, (N,); empty where what
        they say is what was drawn by.
    inclusion
        The chance that each had to be chosen, (N,); 1 over it is its weight.
    n_agreed, n_disagreed
        All items on which the models agree or not.
    seed
        It was drawn with.
    """

    positions: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    disagreed: tuple[bool, ...] = ()
    inclusion: tuple[float, ...]
    n_agreed: int
    n_disagreed: int
    seed: int

    @property
    def strata(self) -> NDArray[np.bool_]:
        """Whether each item was drawn as one on which the models disagree, (N,)."""
        if self.disagreed:
            return np.asarray(self.disagreed, dtype=bool)
        differ: NDArray[np.bool_] = np.asarray(self.before) != np.asarray(self.after)
        return differ

    def said(self, before: ArrayLike, after: ArrayLike) -> AuditPlan:
        """The same draw where the models answer otherwise than it was made by, codes (N,).

        What items are drawn by may be rounded; what is judged is what the models answer.

        Examples
        --------
        >>> plan = plan_audit(np.zeros(100, int), np.arange(100) % 2, 4)
        >>> plan.said([0] * 4, [0] * 4).strata.tolist() == plan.strata.tolist()
        True
        """
        answers = {
            "before": tuple(np.asarray(before).tolist()),
            "after": tuple(np.asarray(after).tolist()),
            "disagreed": tuple(self.strata.tolist()),
        }
        return self.model_copy(update=answers)


class AuditResult(Record):
    """What the labels say of all items that were drawn from.

    Parameters
    ----------
    before, after
        Accuracy of the old and the new model.
    difference
        After minus before.
    n
        Labelled items.
    """

    before: Score
    after: Score
    difference: Score
    n: int


def plan_audit(before: ArrayLike, after: ArrayLike, n: int, *, seed: int = 0) -> AuditPlan:
    """Choose n of m items by what the old and the new model say of them, codes (m,).

    Raises
    ------
    ParameterError
        Shapes do not agree, or n is below 4.
    DataError
        There are no items.

    Examples
    --------
    >>> plan = plan_audit(np.arange(100) % 2, np.arange(100) % 4 // 2, 12)
    >>> len(plan.positions), plan.n_disagreed, plan.inclusion[0]
    (12, 50, 0.12)
    """
    old, new = np.asarray(before), np.asarray(after)
    _check(old, new, n)
    rng = np.random.default_rng(seed)
    disagreed = old != new
    sizes = np.array([np.sum(~disagreed), np.sum(disagreed)])
    drawn = _allocated(sizes, min(n, len(old)))
    chosen = np.concatenate(
        [
            _spread(np.flatnonzero(disagreed == stratum), old, new, int(drawn[int(stratum)]), rng)
            for stratum in (False, True)
        ]
    )
    chosen = rng.permutation(chosen)
    chances = (drawn / np.maximum(sizes, 1))[disagreed[chosen].astype(int)]
    return AuditPlan(
        positions=tuple(chosen.tolist()),
        before=tuple(old[chosen].tolist()),
        after=tuple(new[chosen].tolist()),
        inclusion=tuple(chances.tolist()),
        n_agreed=int(sizes[0]),
        n_disagreed=int(sizes[1]),
        seed=seed,
    )


def _check(old: NDArray[np.integer], new: NDArray[np.integer], n: int) -> None:
    if old.ndim != 1 or old.shape != new.shape:
        raise ParameterError(
            f"before has shape {old.shape} and after {new.shape}, expected (m,) twice.",
            remedy="Give one prediction of each model for every item.",
        )
    if n < 2 * _MIN:
        raise ParameterError(
            f"n is {n}, expected at least {2 * _MIN}.",
            remedy="Label some 60 items for an interval of about 25 points.",
        )
    if len(old) == 0:
        raise DataError("There are no items to audit.", remedy="Give the models' predictions.")


def _allocated(sizes: NDArray[np.integer], n: int) -> NDArray[np.intp]:
    """How many of n to draw from two strata."""
    if sizes.sum() <= n:
        return sizes.astype(np.intp)
    roots = np.sqrt(sizes)
    second = round(n * float(roots[1] / roots.sum()))
    second = max(second, min(_MIN, int(sizes[1])), n - int(sizes[0]))
    second = min(second, int(sizes[1]), n - min(_MIN, int(sizes[0])))
    return np.array([n - second, second])


def _spread(
    items: NDArray[np.intp],
    old: NDArray[np.integer],
    new: NDArray[np.integer],
    n: int,
    rng: np.random.Generator,
) -> NDArray[np.intp]:
    """n of the items at equal steps, from a random start, along the pairs of predictions."""
    if n == 0:
        return items[:0]
    items = rng.permutation(items)
    items = items[np.lexsort((new[items], old[items]))]
    places = (np.arange(n) + rng.random()) * len(items) / n
    return items[np.minimum(places.astype(np.intp), len(items) - 1)]


def audited(
    plan: AuditPlan, codes: ArrayLike, *, labelled: NDArray[np.bool_] | None = None
) -> AuditResult:
    """Accuracy before and after, and their difference, with 95 % intervals.

    Shares of both strata are weighted by their sizes; Wilson's interval for as many items as
    would vary as much, none where all are labelled. The difference, which only disagreements
    make, has Bonett and Price's interval.

    Parameters
    ----------
    plan
        What was chosen.
    codes
        The true class of every item chosen, (N,); ``NO_CLASS`` for none of them.
    labelled
        (N,), whether a label was given; those without are left out. All by default.

    Raises
    ------
    ParameterError
        Shapes do not agree.
    DataError
        A stratum has no labels.

    References
    ----------
    Cochran 1977, Sampling techniques, eq. 5.7 and 5.9. Bonett and Price 2012, Adjusted Wald
    confidence interval for a difference of binomial proportions based on paired data.

    Examples
    --------
    >>> plan = plan_audit(np.zeros(400, int), np.arange(400) // 100 % 2, 60)
    >>> result = audited(plan, plan.after)
    >>> result.after.value, round(result.before.value, 2), result.difference.low > 0.4
    (1.0, 0.5, True)
    """
    truth, old, new = (np.asarray(values) for values in (codes, plan.before, plan.after))
    kept = np.ones(len(old), dtype=bool) if labelled is None else np.asarray(labelled)
    if truth.shape != old.shape or kept.shape != old.shape:
        raise ParameterError(
            f"codes has shape {truth.shape}, expected ({len(old)},).",
            remedy="Give a label for every item of the plan, or say which have one.",
        )
    drawn = plan.strata
    strata = [
        _Stratum(plan.n_agreed, kept & ~drawn, differs=bool((old != new)[~drawn].any())),
        _Stratum(plan.n_disagreed, kept & drawn, differs=True),
    ]
    strata = [stratum for stratum in strata if stratum.size]
    if any(stratum.n == 0 for stratum in strata):
        raise DataError(
            "No label was given where the models agree, or none where they disagree.",
            remedy="Label more items of the plan, in its order.",
        )
    right_before, right_after = old == truth, new == truth
    return AuditResult(
        before=_accuracy(strata, right_before),
        after=_accuracy(strata, right_after),
        difference=_difference(strata, right_after.astype(int) - right_before),
        n=int(kept.sum()),
    )


@dataclass(frozen=True, eq=False)
class _Stratum:
    """``size`` items, of which those ``chosen`` (N,) have labels, and whether models differ."""

    size: int
    chosen: NDArray[np.bool_]
    differs: bool

    @property
    def n(self) -> int:
        return int(self.chosen.sum())

    @property
    def unseen(self) -> float:
        """The finite population correction."""
        return (self.size - self.n) / max(self.size - 1, 1)


def _accuracy(strata: list[_Stratum], right: NDArray[np.bool_]) -> Score:
    total = sum(stratum.size for stratum in strata)
    value = smooth = variance = 0.0
    for stratum in strata:
        weight, x = stratum.size / total, int(right[stratum.chosen].sum())
        likely = (x + _SMOOTH) / (stratum.n + 2 * _SMOOTH)
        value += weight * x / stratum.n
        smooth += weight * likely
        variance += weight**2 * stratum.unseen * likely * (1 - likely) / stratum.n
    value = min(value, 1.0)
    if variance == 0:
        return Score(value=value, low=value, high=value)
    low, high = wilson(value, smooth * (1 - smooth) / variance)
    return Score(value=value, low=float(low), high=float(high))


def _difference(strata: list[_Stratum], better: NDArray[np.integer]) -> Score:
    """Where the models don't differ, nothing is in doubt."""
    total = sum(stratum.size for stratum in strata)
    value = low = high = 0.0
    for stratum in strata:
        if not stratum.differs:
            continue
        won, lost = (float(np.sum(better[stratum.chosen] == sign)) for sign in (1, -1))
        n, weight = stratum.n, stratum.size / total
        part, centre = (won - lost) / n, (won - lost) / (n + 2)
        variance = ((won + lost + 2) / (n + 2) - centre**2) / (n + 2) * stratum.unseen
        half = _Z * float(np.sqrt(variance))
        value += weight * part
        low += weight * (part if half == 0 else max(min(centre - half, part), -1))
        high += weight * (part if half == 0 else min(max(centre + half, part), 1))
    return Score(value=value, low=low, high=high)
