"""Many candidates in order: choosing, then choosing among the beaten, until none is left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.selection.choice import Candidate, Selection, choose


def tiers(
    candidates: Sequence[Candidate],
    *,
    folds: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    codes: NDArray[np.integer] | None = None,
    fallback: str | None = None,
) -> list[Selection]:
    """Candidates in tiers: those of one are within a standard error of its leader (see ``choose``).

    The ``equals`` of each verdict are its tier, from simple to complex.

    Parameters
    ----------
    candidates
        From simple to complex.
    folds, groups, codes
        As for ``choose``.
    fallback
        What the first tier falls back on where there are too few items to rank.

    Examples
    --------
    >>> right = np.arange(200) % 10
    >>> named = [Candidate(str(level), right < level) for level in (5, 6, 9)]
    >>> [verdict.equals for verdict in tiers(named)]
    [('9',), ('6',), ('5',)]
    """
    verdicts: list[Selection] = []
    rest = list(candidates)
    while rest:
        verdict = choose(
            rest,
            folds=folds,
            groups=groups,
            codes=codes,
            rule="one standard error",
            fallback=None if verdicts else fallback,
        )
        verdicts.append(verdict)
        rest = [candidate for candidate in rest if candidate.name not in verdict.equals]
    return verdicts
