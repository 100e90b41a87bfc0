"""Small tasks drawn from a labelled set: a few classes, a few labelled rows of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Queries = Literal["balanced", "dirichlet"]

CONCENTRATION: Final = 2.0
"""Of the Dirichlet distribution of class shares among queries."""

Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Episode:
    """A few-shot task.

    Parameters
    ----------
    classes
        Those of the set that it is about, (ways,).
    support, support_codes
        Labelled rows, (ways · shots,), and their classes from 0 to ways − 1.
    queries, query_codes
        Rows to predict, (q,), and their classes.
    """

    classes: Codes
    support: Codes
    support_codes: Codes
    queries: Codes
    query_codes: Codes


@dataclass(frozen=True, eq=False, slots=True)
class EpisodeSampler:
    """Draws episodes in which nothing stands on both sides.

    Parameters
    ----------
    members
        Of each class the rows of each of its groups: what must not be split, such as copies or
        images of one patient. A group is of one class.
    ways, shots
        Classes of an episode, and labelled rows of each.
    n_queries
        Rows to predict per class, on average.
    queries
        ``balanced``: as many of each class. ``dirichlet``: by shares that differ.
    """

    members: Sequence[Sequence[Codes]]
    ways: int
    shots: int
    n_queries: int
    queries: Queries

    def draw(self, rng: np.random.Generator) -> Episode:
        """One episode; of each drawn group one row."""
        classes = rng.choice(len(self.members), self.ways, replace=False)
        counts = self._counts(rng, [len(self.members[c]) - self.shots for c in classes])
        support, queries = [], []
        for c, n in zip(classes, counts, strict=True):
            groups = rng.permutation(len(self.members[c]))[: self.shots + n]
            rows = np.array([rng.choice(self.members[c][group]) for group in groups], np.int64)
            support.append(rows[: self.shots])
            queries.append(rows[self.shots :])
        ways = np.arange(self.ways)
        return Episode(
            classes.astype(np.int64),
            np.concatenate(support),
            np.repeat(ways, self.shots),
            np.concatenate(queries),
            np.repeat(ways, [len(rows) for rows in queries]),
        )

    def _counts(self, rng: np.random.Generator, most: list[int]) -> NDArray[np.int64]:
        if self.queries == "balanced":
            return np.full(self.ways, min(self.n_queries, *most))
        shares = rng.dirichlet(np.full(self.ways, CONCENTRATION))
        counts = rng.multinomial(self.n_queries * self.ways, shares)
        counts = np.minimum(counts, most)
        if not counts.any():
            counts[0] = 1
        return counts


def groups_by_class(codes: Codes, groups: Codes) -> list[list[Codes]]:
    """Of each class the rows of each of its groups; groups of several classes are left out.

    Examples
    --------
    >>> found = groups_by_class(np.array([0, 0, 1, 1, 0]), np.array([0, 0, 1, 2, 2]))
    >>> [[rows.tolist() for rows in groups] for groups in found]
    [[[0, 1]], [[2]]]
    """
    found: list[list[Codes]] = [[] for _ in range(int(codes.max()) + 1)]
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    for rows in np.split(order, starts):
        own = np.unique(codes[rows])
        if len(own) == 1:
            found[int(own[0])].append(np.sort(rows))
    return found
