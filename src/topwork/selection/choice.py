"""The one place that chooses between models: the simplest that is not beaten."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import DataError, ParameterError
from topwork.metrics.paired import PairedTest, corrected_t_test, paired_items
from topwork.metrics.records import Record
from topwork.selection.enough import MIN_ITEMS, too_few

Rule = Literal["significance", "one standard error", "higher score", "best of several"]
"""When a simpler model is beaten: p below 5 %, by more than one corrected standard error, or by any
difference, where measurements elsewhere already speak for the more complex one. With
``"best of several"`` the first is the one to beat, by more than the best of so many equals would
show by chance (``luck``)."""


def luck(n_tried: int) -> float:
    """Corrected standard errors by which the best of several rivals has to lead.

    The best of m equals leads by about √(2 ln m) standard errors by chance alone; a corrected one
    is 1.5 of them for five folds. 1.7 keeps more than a point's loss below 1 % of searches at the
    least cost in gain (``benchmarks.selection``).

    Examples
    --------
    >>> [round(luck(m), 2) for m in (1, 3, 6, 10)]
    [1.0, 1.0, 1.11, 1.26]
    """
    return max(1.0, math.sqrt(2 * math.log(max(n_tried, 1))) / 1.7)


@dataclass(frozen=True, eq=False)
class Candidate:
    """One model and how it did.

    Parameters
    ----------
    name
        What people call it.
    scores
        Score of each held-out item, more being better, such as right or not: (n,), or (r, n) for
        r repeats of the folds. Of booleans the difference is a difference of shares, whose
        interval stays within ±1.
    """

    name: str
    scores: NDArray[np.generic]


class RankedCandidate(Record):
    """One candidate among the others.

    Parameters
    ----------
    name
        Of the candidate.
    score
        Its mean score.
    behind
        What the leader is better by; None where nothing was compared, or for the leader itself.
    beaten
        Whether a candidate beats it by the rule.
    """

    name: str
    score: float
    behind: PairedTest | None
    beaten: bool


class Selection(Record):
    """Which candidate to use, and why.

    Parameters
    ----------
    chosen
        The simplest that is not beaten.
    leader
        The one with the highest score.
    ranked
        Whether the items were enough to compare; if not, ``chosen`` is the fallback.
    reason
        One sentence for people.
    ranked_candidates
        All candidates, from simple to complex.
    """

    chosen: str
    leader: str
    ranked: bool
    reason: str
    ranked_candidates: tuple[RankedCandidate, ...]

    @property
    def equals(self) -> tuple[str, ...]:
        """The candidates that are not beaten, from simple to complex."""
        return tuple(s.name for s in self.ranked_candidates if not s.beaten)


def choose(
    candidates: Sequence[Candidate],
    *,
    folds: ArrayLike | None = None,
    n_folds: int | None = None,
    groups: ArrayLike | None = None,
    codes: NDArray[np.integer] | None = None,
    rule: Rule = "significance",
    min_items: int = MIN_ITEMS,
    fallback: str | None = None,
    n_tried: int | None = None,
    alike: bool = True,
) -> Selection:
    """The simplest candidate that no other beats.

    All are compared with the leader on the same items (``paired_items``); by the rule
    ``"significance"`` those simpler than the leader are tested against every more complex one as
    well, at 5 % divided by the number of tests, so that the best of many has no advantage from
    being one of many.

    Parameters
    ----------
    candidates
        From simple to complex; of equals the first is taken.
    folds
        Fold of each item, (n,) or (r, n), if the models were trained on folds of these items.
    n_folds
        How many folds there are, where the items are not those of all.
    groups
        Group of each item, (n,).
    codes
        Class of each item, (n,): each then needs enough items, and classes count alike, as in
        balanced accuracy.
    alike
        Whether they do; not where scores are costs.
    rule
        When one is beaten.
    min_items
        Below so many items nothing is ranked.
    fallback
        Name to choose where there are too few items to rank; the first by default. With codes, they
        are also too few where the classes have too few independent items each (``too_few``).

    n_tried
        By the rule ``"best of several"`` how many rivals of the first were tried, those included
        that were given up early; all that are here by default.

    Raises
    ------
    ParameterError
        There are no candidates, they do not have the same items, two have the same name, or the
        fallback is not among them.
    DataError
        There are no items.

    Examples
    --------
    >>> right = np.arange(100) % 10
    >>> verdict = choose([Candidate("mean", right < 7), Candidate("tree", right < 8)])
    >>> verdict.chosen, verdict.equals
    ('tree', ('tree',))
    >>> choose([Candidate("mean", right[:20] < 7), Candidate("tree", right[:20] < 8)]).ranked
    False
    """
    _check(candidates, fallback)
    names = [candidate.name for candidate in candidates]
    scores = _weighted(candidates, codes if alike else None)
    means = scores.mean(axis=(1, 2))
    refusal = too_few(scores.shape[2], groups, codes, min_items=min_items)
    if refusal:
        return _unranked(names, means, fallback or names[0], refusal)
    n_judged = None if folds is None else _count_folds(np.asarray(folds))
    shares = all(np.asarray(candidate.scores).dtype == bool for candidate in candidates)
    limit = 1.0 if shares else None
    comparisons = _Comparisons(scores, groups, folds, n_folds or n_judged, n_judged, limit)
    if rule == "best of several":
        return _best_of_several(names, means, comparisons, n_tried or len(names) - 1)
    return _ranked(names, means, comparisons, rule)


@dataclass(frozen=True, eq=False)
class _Comparisons:
    """Paired tests between candidates by their numbers; scores are (c, r, n)."""

    scores: NDArray[np.float64]
    groups: ArrayLike | None
    folds: ArrayLike | None
    n_folds: int | None
    n_judged: int | None
    limit: float | None

    def lead(self, of: int, over: int) -> PairedTest:
        return paired_items(
            self.scores[of] - self.scores[over],
            groups=self.groups,
            n_folds=self.n_folds,
            n_judged=self.n_judged,
            limit=self.limit,
        )

    def beats(self, one: int, other: int, rule: Rule, n_tests: int) -> bool:
        test = self.lead(one, other)
        if test.difference <= 0 or test.error is None:
            return False
        if rule == "higher score":
            return True
        if rule == "one standard error":
            return test.difference > test.error
        return test.p * n_tests < 0.05

    def certain(self, one: int, other: int, n_tried: int) -> bool:
        """Whether a lead is more than luck, by its items and by its folds."""
        test = self.lead(one, other)
        if test.error is None:
            return False
        error = max(test.error, self._error_of_folds(self.scores[one] - self.scores[other]))
        return test.difference > luck(n_tried) * error

    def _error_of_folds(self, differences: NDArray[np.float64]) -> float:
        """By how much the folds differ: what training anew changes is in it, too."""
        if self.folds is None or self.n_folds is None:
            return 0.0
        folds = np.broadcast_to(np.atleast_2d(np.asarray(self.folds)), differences.shape)
        means = [
            row[fold == f].mean()
            for row, fold in zip(differences, folds, strict=True)
            for f in np.unique(fold)
        ]
        return corrected_t_test(means, test_to_train=1 / (self.n_folds - 1)).error or 0.0


def _ranked(
    names: list[str], means: NDArray[np.float64], comparisons: _Comparisons, rule: Rule
) -> Selection:
    leader = int(np.argmax(means))
    ranked_candidates = []
    for i, name in enumerate(names):
        later = range(i + 1, len(names)) if rule == "significance" else ()
        rivals = {leader, *later} - {i}
        ranked_candidates.append(
            RankedCandidate(
                name=name,
                score=float(means[i]),
                behind=None if i == leader else comparisons.lead(leader, i),
                beaten=any(comparisons.beats(j, i, rule, len(rivals)) for j in rivals),
            )
        )
    chosen = next(
        i for i, ranked_candidate in enumerate(ranked_candidates) if not ranked_candidate.beaten
    )
    return Selection(
        chosen=names[chosen],
        leader=names[leader],
        ranked=True,
        reason=_reason(ranked_candidates, chosen, leader, rule),
        ranked_candidates=tuple(ranked_candidates),
    )


def _best_of_several(
    names: list[str], means: NDArray[np.float64], comparisons: _Comparisons, n_tried: int
) -> Selection:
    """The first, or the simplest of those that certainly beat it and are close to the best."""
    leader = int(np.argmax(means))
    sure = [i for i in range(1, len(names)) if comparisons.certain(i, 0, n_tried)]
    best = max(sure, key=lambda i: means[i], default=0)
    near = [i for i in sure if not comparisons.beats(best, i, "one standard error", 1)]
    unbeaten = near or [0]
    ranked_candidates = [
        RankedCandidate(
            name=name,
            score=float(means[i]),
            behind=None if i == leader else comparisons.lead(leader, i),
            beaten=i not in unbeaten,
        )
        for i, name in enumerate(names)
    ]
    return Selection(
        chosen=names[unbeaten[0]],
        leader=names[leader],
        ranked=True,
        reason=_reason_of_several(ranked_candidates, unbeaten[0], leader, n_tried),
        ranked_candidates=tuple(ranked_candidates),
    )


def _reason_of_several(
    ranked_candidates: list[RankedCandidate], chosen: int, leader: int, n_tried: int
) -> str:
    name, best, behind = (
        ranked_candidates[chosen].name,
        ranked_candidates[leader].name,
        ranked_candidates[chosen].behind,
    )
    if chosen or behind is None:
        return _reason(ranked_candidates, chosen, leader, "one standard error")
    by = f"{_points(behind.difference)} points"
    if behind.low is not None and behind.high is not None:
        by += f" ({_points(behind.low)} to {_points(behind.high)})"
    of_several = f" for the best of {n_tried}" if n_tried > 1 else ""
    return f"{best} scores {by} more than {name}, not certain{of_several}: keeping {name}."


def _unranked(names: list[str], means: NDArray[np.float64], chosen: str, refusal: str) -> Selection:
    ranked_candidates = (
        RankedCandidate(name=name, score=float(mean), behind=None, beaten=False)
        for name, mean in zip(names, means, strict=True)
    )
    return Selection(
        chosen=chosen,
        leader=names[int(np.argmax(means))],
        ranked=False,
        reason=f"{refusal}: using {chosen}.",
        ranked_candidates=tuple(ranked_candidates),
    )


def _reason(ranked_candidates: list[RankedCandidate], chosen: int, leader: int, rule: Rule) -> str:
    """Why this one, in one sentence."""
    name, best = ranked_candidates[chosen].name, ranked_candidates[leader].name
    behind = ranked_candidates[chosen].behind
    beaten = [ranked_candidate.name for ranked_candidate in ranked_candidates[:chosen]]
    if behind is None or behind.low is None or behind.high is None:
        ahead = "significantly" if rule == "significance" else "more than one standard error"
        over = f", {ahead} ahead of everything simpler ({', '.join(beaten)})" if beaten else ""
        simplest = "" if beaten else " and is the simplest"
        return f"{name} scores best{over}{simplest}."
    by = f"{_points(behind.difference)} ({_points(behind.low)} to {_points(behind.high)})"
    equal = "not significant" if rule == "significance" else "within one standard error"
    return f"{best} scores {by} points more than {name}, {equal}; {name} is simpler."


def _points(share: float) -> str:
    return f"{100 * share:.1f}".replace("-", "−")


def _weighted(
    candidates: Sequence[Candidate], codes: NDArray[np.integer] | None
) -> NDArray[np.float64]:
    """Scores (c, r, n), weighted so that their mean over items is the mean over classes."""
    scores = np.stack([np.atleast_2d(np.asarray(c.scores, dtype=np.float64)) for c in candidates])
    if codes is None:
        return scores
    return np.asarray(scores * class_weights(codes))


def class_weights(codes: NDArray[np.integer]) -> NDArray[np.float64]:
    """Weight of each item, (n,), with which a mean over items is the mean over classes."""
    counts = np.bincount(codes)
    weights = len(codes) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    return np.asarray(weights[codes])


def _count_folds(folds: NDArray[np.generic]) -> int:
    return len(np.unique(np.atleast_2d(folds)[0]))


def _check(candidates: Sequence[Candidate], fallback: str | None) -> None:
    if not candidates:
        raise ParameterError("There are no candidates.", remedy="Give at least one.")
    shapes = {np.atleast_2d(candidate.scores).shape for candidate in candidates}
    if len(shapes) > 1:
        raise ParameterError(
            f"Candidates have scores of different shapes: {sorted(shapes)}.",
            remedy="Judge all candidates on the same items and folds.",
        )
    if shapes.pop()[1] == 0:
        raise DataError("There are no items to choose by.", remedy="Give at least one.")
    names = [candidate.name for candidate in candidates]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ParameterError(
            f"Several candidates are called {', '.join(twice)}.",
            remedy="Give each candidate a name of its own.",
        )
    if fallback is not None and fallback not in names:
        raise ParameterError(
            f"fallback is {fallback!r}, not one of {', '.join(names)}.",
            remedy="Name one of the candidates.",
        )
