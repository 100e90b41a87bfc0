"""Random divisions of two sets of items, to which tests compare the real one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import DataError

#: Fewest items (or groups) on either side that can be told apart at 5 %.
MIN = 8


@dataclass(frozen=True, eq=False)
class PermutedSets:
    """Units of both sets: of each item (n + m,), and whether a unit is of the second set."""

    members: NDArray[np.intp]
    second: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        n: int,
        m: int,
        first_groups: ArrayLike | None = None,
        second_groups: ArrayLike | None = None,
    ) -> PermutedSets:
        """n and m items, each by itself or in groups, (n,) and (m,).

        Raises
        ------
        DataError
            There are too few units on either side.
        """
        first, second = _numbered(n, first_groups), _numbered(m, second_groups)
        before, after = (int(units.max(initial=-1)) + 1 for units in (first, second))
        if min(before, after) < MIN:
            raise DataError(
                f"There are {before} and {after} items or groups to compare.",
                remedy=f"A comparison takes at least {MIN} on either side.",
            )
        members = np.concatenate([first, second + before])
        return cls(members, np.arange(before + after) >= before)

    def permutations(self, rng: np.random.Generator, count: int) -> NDArray[np.bool_]:
        """Whether each item is of the second set, really and in every permutation: (n + m, 1 + p).

        Examples
        --------
        >>> PermutedSets.of(8, 9).permutations(np.random.default_rng(0), 3).sum(axis=0).tolist()
        [9, 9, 9, 9]
        """
        tiled = np.tile(self.second, (count + 1, 1))
        tiled[1:] = rng.permuted(tiled[1:], axis=1)
        result: NDArray[np.bool_] = tiled.T[self.members]
        return result


def share_as_extreme(values: NDArray[np.floating]) -> float:
    """p: share of the divisions, the real one first, that are as extreme as the real one.

    Examples
    --------
    >>> share_as_extreme(np.array([2.0, 1.0, 3.0, 0.0]))
    0.5
    """
    return float(np.mean(values >= values[0] - 1e-12))


def _numbered(n: int, groups: ArrayLike | None) -> NDArray[np.intp]:
    if groups is None:
        return np.arange(n)
    return np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1)
