"""Successive halving: all candidates on few items, the clearly beaten dropped, the rest on more.

In the original, the worse half goes in any case. Here none goes that is within one corrected
standard error of the leader, and of the best few none that a paired test does not find beaten; so
the true best is seldom dropped, and equals stay together to the end.

References
----------
Karnin, Koren and Somekh 2013, Almost optimal exploration in multi-armed bandits, §3. Jamieson and
Talwalkar 2016, Non-stochastic best arm identification and hyperparameter optimization.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.selection.choice import Candidate, Rule, Selection, choose
from topwork.selection.tiers import tiers

FIRST_ITEMS = 200
"""Items of the first round, or ``FIRST_PER_CLASS`` a class if that is more."""

FIRST_PER_CLASS = 10
GROWTH = 2
"""A round has this many times the items of the one before."""

BEST_FEW = 3
"""So many stay unless a paired test at 5 % (divided by the number of tests) finds them beaten."""


def round_sizes(n_items: int, n_classes: int) -> list[int]:
    """Numbers of items of the rounds; the last is all of them.

    No round comes so near to the last that it could save little.

    Examples
    --------
    >>> round_sizes(300, 10), round_sizes(1000, 10), round_sizes(2000, 10)
    ([300], [200, 400, 1000], [200, 400, 800, 2000])
    """
    sizes = []
    size = max(FIRST_ITEMS, FIRST_PER_CLASS * n_classes)
    while 2 * size <= n_items:
        sizes.append(size)
        size *= GROWTH
    return [*sizes, n_items]


def stratified_order(codes: NDArray[np.integer], *, seed: int = 0) -> NDArray[np.intp]:
    """An order of the items, (n,), of which every beginning has the classes' shares.

    But for one thing: the first two items of every class come first, so that each can be left out
    while its class stays known.

    Parameters
    ----------
    codes
        Class of each item, (n,).
    seed
        Which items of a class come first.

    Examples
    --------
    >>> codes = np.array([0] * 90 + [1] * 10)
    >>> np.bincount(codes[stratified_order(codes)[:50]]).tolist()
    [45, 5]
    """
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(codes))
    by_class = shuffled[np.argsort(codes[shuffled], kind="stable")]
    counts = np.bincount(codes)
    sizes = counts[codes[by_class]]
    rank = np.arange(len(codes)) - (np.cumsum(counts) - counts)[codes[by_class]]
    place = np.where(rank < 2, rank - 2.0, (rank + 0.5) / sizes)
    return by_class[np.argsort(place, kind="stable")]


@dataclass(frozen=True, eq=False)
class Round:
    """Candidates judged on the same n items, each of which was left out with its group.

    Parameters
    ----------
    candidates
        From simple to complex, with a score of each item.
    codes
        Class of each item, (n,).
    groups
        Group of each item, (n,).
    """

    candidates: Sequence[Candidate]
    codes: NDArray[np.integer]
    groups: NDArray[np.integer]

    def survivors(self) -> tuple[str, ...]:
        """Names of the candidates that go on, from simple to complex."""
        tested, near = self._verdict("significance"), self._verdict("one standard error")
        best_first = sorted(
            tested.ranked_candidates, key=lambda ranked_candidate: -ranked_candidate.score
        )
        n_better = max(BEST_FEW, -(-len(best_first) // 2))
        better = {ranked_candidate.name for ranked_candidate in best_first[:n_better]}
        return tuple(n for n in tested.equals if n in better or n in near.equals)

    def _verdict(self, rule: Rule) -> Selection:
        return choose(
            self.candidates, folds=self.groups, groups=self.groups, codes=self.codes, rule=rule
        )

    def tiers(self, names: Collection[str], *, fallback: str | None = None) -> list[Selection]:
        """Those of these names, in tiers; a fallback that is not among them is none."""
        return tiers(
            [candidate for candidate in self.candidates if candidate.name in names],
            folds=self.groups,
            groups=self.groups,
            codes=self.codes,
            fallback=fallback if fallback in names else None,
        )


Judge = Callable[[int, Sequence[str]], Round]
"""Gives the scores of the named candidates on the first so many items."""


def successive_halving(names: Sequence[str], sizes: Sequence[int], judge: Judge) -> list[Round]:
    """Rounds on ever more items with ever fewer candidates, until one is left or items run out.

    Parameters
    ----------
    names
        The candidates, from simple to complex.
    sizes
        Items of the rounds, as from ``round_sizes``.
    judge
        Scores candidates.

    Examples
    --------
    >>> def judge(size, names):
    ...     right = np.arange(size) % 10
    ...     scores = [Candidate(name, right < int(name)) for name in names]
    ...     return Round(scores, np.zeros(size, int), np.arange(size))
    >>> [[c.name for c in r.candidates] for r in successive_halving("589", [300, 600], judge)]
    [['5', '8', '9']]
    """
    rounds: list[Round] = []
    for size in sizes:
        rounds.append(judge(size, names))
        names = rounds[-1].survivors()
        if len(names) == 1:
            break
    return rounds


def placed(rounds: Sequence[Round], *, fallback: str | None = None) -> list[Selection]:
    """All candidates in tiers: those of the last round, then those that each round before dropped.

    Parameters
    ----------
    rounds
        As from ``successive_halving``.
    fallback
        The candidate to prefer where there are too few items to rank.
    """
    verdicts: list[Selection] = []
    done: set[str] = set()
    for one in reversed(rounds):
        names = {candidate.name for candidate in one.candidates} - done
        verdicts += one.tiers(names, fallback=None if verdicts else fallback)
        done |= names
    return verdicts
