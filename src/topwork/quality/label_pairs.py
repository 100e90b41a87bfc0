"""Labels that always or never occur together."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.data import LabelTargets

LEVEL = 0.01
"""Of all pairs together: how probable one such finding is at most where labels are independent."""

MAX_LABELS = 5000
"""Of more labels, no pair is looked at: the counts of all pairs would fill the memory."""

Counts: TypeAlias = NDArray[np.number]


class LabelPair(BaseModel):
    """Two labels of which each item has both or neither (``always``), or no item both (``never``).

    Attributes
    ----------
    n_first, n_second
        Items that have each, of those of which both are known; copies count once.
    together
        Items that have both.
    expected
        How many would have both if the labels were independent: n_first * n_second / n.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: str
    second: str
    relation: Literal["always", "never"]
    n_first: int
    n_second: int
    together: int
    expected: float

    @property
    def sentence(self) -> str:
        """What was found, with what independent labels would give."""
        if self.relation == "never":
            found = f"No item has both {self.first!r} ({self.n_first}) and {self.second!r} "
            return f"{found}({self.n_second}): {self.expected:.1f} would be expected by chance."
        return (
            f"Each of the {self.together} items with {self.first!r} has {self.second!r} too, and "
            f"no other: {self.expected:.1f} would be expected by chance."
        )


def label_pairs(
    targets: LabelTargets, groups: NDArray[np.integer] | None = None
) -> tuple[LabelPair, ...]:
    """Pairs that are too rarely or too often together for chance, the most expected first.

    The probability of what was found, where labels are independent and as frequent as they are, is
    hypergeometric; over both relations of all pairs it is at most `LEVEL` (Bonferroni).

    Parameters
    ----------
    groups
        The group of copies that each item lies in, (n,); None where each item is one of its own.

    Examples
    --------
    >>> y = np.repeat([[1, 0, 1], [0, 1, 0]], 20, axis=0).astype(np.int8)
    >>> for pair in label_pairs(LabelTargets(("day", "night", "sun"), y))[:2]:
    ...     print(pair.sentence)
    No item has both 'day' (20) and 'night' (20): 10.0 would be expected by chance.
    Each of the 20 items with 'day' has 'sun' too, and no other: 10.0 would be expected by chance.
    """
    n_labels, presence = len(targets.labels), targets.presence
    if n_labels > MAX_LABELS:
        return ()
    if groups is not None:
        presence = presence[np.unique(groups, return_index=True)[1]]
    has, known = ((presence >= least).astype(np.float32) for least in (1, 0))
    n, first, together = known.T @ known, has.T @ known, has.T @ has
    second = first.T
    never = together == 0
    always = (together == first) & (together == second)
    rows, columns = np.nonzero(np.triu((never | always) & (first > 0) & (second > 0), 1))
    if not len(rows):
        return ()
    at = rows, columns
    log_p = _log_probability(together[at], n[at], first[at], second[at])
    found = np.flatnonzero(log_p < np.log(LEVEL / (n_labels * (n_labels - 1))))
    expected = first[at] * second[at] / n[at]
    return tuple(
        LabelPair(
            first=targets.labels[rows[k]],
            second=targets.labels[columns[k]],
            relation="never" if never[rows[k], columns[k]] else "always",
            n_first=int(first[rows[k], columns[k]]),
            n_second=int(second[rows[k], columns[k]]),
            together=int(together[rows[k], columns[k]]),
            expected=float(expected[k]),
        )
        for k in found[np.argsort(-expected[found], kind="stable")]
    )


def _log_probability(
    together: Counts, n: Counts, first: Counts, second: Counts
) -> NDArray[np.float64]:
    """Hypergeometric, of a table of factorials: scipy.stats takes a minute for 3,000 labels."""
    from scipy.special import gammaln

    t, n, a, b = (counts.astype(np.int64) for counts in (together, n, first, second))
    factorial = gammaln(np.arange(n.max() + 1) + 1.0)

    def ways(of: Counts, taken: Counts) -> NDArray[np.float64]:
        found = factorial[of] - factorial[taken] - factorial[of - taken]
        return np.asarray(found, np.float64)

    return ways(a, t) + ways(n - a, b - t) - ways(n, b)
