"""The one place that chooses between models: the simplest that is not beaten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import DataError, ParameterError
from topwork.evaluation.paired import PairedTest, paired_items
from topwork.evaluation.records import Record

#: Below these nothing is ranked: a difference of 20 points would more often than not go unseen.
MIN_ITEMS = 30
MIN_GROUPS = 10

MIN_PER_CLASS = 4
"""Independent items per class (harmonic mean) below which nothing is ranked: with one to three,
holding one out leaves next to nothing of its class to learn from."""

Rule = Literal["significance", "one standard error", "higher score"]
"""When a simpler model is beaten: p below 5 %, by more than one corrected standard error, or by any
difference, where measurements elsewhere already speak for the more complex one."""


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


class Standing(Record):
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


class Verdict(Record):
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
    standings
        All candidates, from simple to complex.
    """

    chosen: str
    leader: str
    ranked: bool
    reason: str
    standings: tuple[Standing, ...]

    @property
    def equals(self) -> tuple[str, ...]:
        """The candidates that are not beaten, from simple to complex."""
        return tuple(s.name for s in self.standings if not s.beaten)


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
) -> Verdict:
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
        Class of each item, (n,): classes then count alike, as in balanced accuracy.
    rule
        When one is beaten.
    min_items
        Below so many items nothing is ranked.
    fallback
        Name to choose where there are too few items to rank; the first by default. With codes, they
        are also too few where the classes have too few independent items each (``too_few``).

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
    scores = _weighted(candidates, codes)
    means = scores.mean(axis=(1, 2))
    refusal = too_few(scores.shape[2], groups, codes, min_items=min_items)
    if refusal:
        return _unranked(names, means, fallback or names[0], refusal)
    n_judged = None if folds is None else _count_folds(np.asarray(folds))
    shares = all(np.asarray(candidate.scores).dtype == bool for candidate in candidates)
    limit = 1.0 if shares else None
    comparisons = _Comparisons(scores, groups, n_folds or n_judged, n_judged, limit)
    return _ranked(names, means, comparisons, rule)


@dataclass(frozen=True, eq=False)
class _Comparisons:
    """Paired tests between candidates by their numbers; scores are (c, r, n)."""

    scores: NDArray[np.float64]
    groups: ArrayLike | None
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


def _ranked(
    names: list[str], means: NDArray[np.float64], comparisons: _Comparisons, rule: Rule
) -> Verdict:
    leader = int(np.argmax(means))
    standings = []
    for i, name in enumerate(names):
        later = range(i + 1, len(names)) if rule == "significance" else ()
        rivals = {leader, *later} - {i}
        standings.append(
            Standing(
                name=name,
                score=float(means[i]),
                behind=None if i == leader else comparisons.lead(leader, i),
                beaten=any(comparisons.beats(j, i, rule, len(rivals)) for j in rivals),
            )
        )
    chosen = next(i for i, standing in enumerate(standings) if not standing.beaten)
    return Verdict(
        chosen=names[chosen],
        leader=names[leader],
        ranked=True,
        reason=_reason(standings, chosen, leader, rule),
        standings=tuple(standings),
    )


def _unranked(names: list[str], means: NDArray[np.float64], chosen: str, refusal: str) -> Verdict:
    standings = (
        Standing(name=name, score=float(mean), behind=None, beaten=False)
        for name, mean in zip(names, means, strict=True)
    )
    return Verdict(
        chosen=chosen,
        leader=names[int(np.argmax(means))],
        ranked=False,
        reason=f"{refusal}: using {chosen}.",
        standings=tuple(standings),
    )


def _reason(standings: list[Standing], chosen: int, leader: int, rule: Rule) -> str:
    """Why this one, in one sentence."""
    name, best = standings[chosen].name, standings[leader].name
    behind = standings[chosen].behind
    beaten = [standing.name for standing in standings[:chosen]]
    if behind is None or behind.low is None or behind.high is None:
        over = f" and beats everything simpler ({', '.join(beaten)})" if beaten else ""
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
    counts = np.bincount(codes)
    weights = len(codes) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    return np.asarray(scores * weights[codes])


def _count_folds(folds: NDArray[np.generic]) -> int:
    return len(np.unique(np.atleast_2d(folds)[0]))


def too_few(
    n_items: int,
    groups: ArrayLike | None,
    codes: NDArray[np.integer] | None,
    *,
    min_items: int = MIN_ITEMS,
) -> str | None:
    """What is too little to compare models by, as the beginning of a sentence; else None.

    Where classes count alike, the variance of a score is that of the harmonic mean of their
    independent items times the number of classes: 60 items against 3 are worth 11.

    Parameters
    ----------
    n_items
        How many items there are.
    groups, codes
        Group and class of each item, (n,).
    min_items
        Items that are needed.

    Examples
    --------
    >>> too_few(36, None, np.arange(36))
    'The rarest class has 1 independent item, too few to compare models'
    >>> too_few(80, None, np.arange(80) % 8) is None
    True
    """
    if n_items < min_items:
        return f"Only {n_items} item{'s' * (n_items != 1)} ({min_items} needed to compare models)"
    members = np.arange(n_items) if groups is None else np.asarray(groups)
    n_groups = len(np.unique(members))
    if groups is not None and n_groups < MIN_GROUPS:
        return f"Only {n_groups} groups ({MIN_GROUPS} needed to compare models)"
    if codes is None:
        return None
    counts = np.bincount(np.unique(np.stack([codes, members]), axis=1)[0])
    counts = counts[counts > 0]
    typical = len(counts) / float((1 / counts).sum())
    if typical >= MIN_PER_CLASS and typical * len(counts) >= min(min_items, MIN_ITEMS):
        return None
    rarest = int(counts.min())
    few = f"{rarest} independent item{'s' * (rarest != 1)}"
    return f"The rarest class has {few}, too few to compare models"


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
