"""Which kind of shift unlabelled data show: of the classes, of the looks, of both or of none."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import DataError
from topwork.metrics.records import Record
from topwork.shift.label_shift import LabelShift
from topwork.shift.mmd import MAX_COMPARED, MMDTest, mmd_test
from topwork.shift.shift import ShiftTest, shift_test

Kind = Literal["none", "classes", "covariate_shift", "both"]
#: Less is left of the squared effect, once the classes are matched, if classes did shift too. Where
#: only looks differ, wrong estimates of the shares explain up to half of it in simulations.
_LEFT = 0.6


class KindOfShift(Record):
    """What differs, and what it was told from.

    Parameters
    ----------
    kind
        ``none``; ``classes``: items of a class look as they used to, but classes are more or less
        frequent; ``covariate_shift``: items of a class look different; ``both``.
    covariate_shift
        How well the target is told from source items with the target's estimated shares of classes.
    unmatched, matched
        Discrepancy from source items as they are, and with those shares.
    sentence
        The same for people.
    """

    kind: Kind
    covariate_shift: ShiftTest
    unmatched: MMDTest
    matched: MMDTest
    sentence: str


def kind_of_shift(
    source: ArrayLike,
    codes: NDArray[np.integer],
    target: ArrayLike,
    shift: LabelShift,
    *,
    target_groups: ArrayLike | None = None,
    seed: int = 0,
) -> KindOfShift:
    """Tell apart how a target differs.

    Source items are drawn with the shares of classes that were estimated for the target. If only
    classes shifted, these look like the target; if not, the looks did. (Comparing items of the
    same *predicted* class would not do: with other shares, other mistakes are among them.) Where
    looks differ the estimated shares may be wrong, and nothing tells for sure what shifted; then
    classes are said to have shifted too only if drawing with those shares brings the source much
    closer. In simulations ``none`` and ``classes`` were told from each other and from the rest
    nearly always; of shifts of both kinds about a half was called
    ``covariate_shift``, of covariate shifts a
    fifth ``both``.

    Parameters
    ----------
    source, codes
        Features of source items (n, d) and their classes (n,).
    target
        Features, (m, d).
    shift
        What ``label_shift`` found from the head's probabilities on the same target.
    target_groups
        Group of each target item, (m,).
    seed
        Of the draws and tests.

    Raises
    ------
    DataError
        Too few items on either side, or of the classes that the target has.

    Examples
    --------
    >>> from topwork.shift.label_shift import label_shift
    >>> rng = np.random.default_rng(0)
    >>> X, codes = rng.standard_normal((200, 5)), np.arange(200) % 2
    >>> found = label_shift(np.tile([[0.99, 0.01], [0.01, 0.99]], (100, 1)), [0.5, 0.5])
    >>> kind_of_shift(X, codes, rng.standard_normal((200, 5)), found).kind
    'none'
    """
    rng = np.random.default_rng(seed)
    rows, after, own = np.asarray(source), np.asarray(target), np.asarray(codes)
    groups = None if target_groups is None else np.asarray(target_groups)
    if len(after) > MAX_COMPARED:
        kept = rng.choice(len(after), MAX_COMPARED, replace=False)
        after, groups = after[kept], None if groups is None else groups[kept]
    some = matched_items(own, np.array(shift.target), rng)
    if len(some) == 0:
        raise DataError(
            "No source item has a class that the target has.",
            remedy="Give source items of every class.",
        )
    covariate_shift = shift_test(rows[some], after, second_groups=groups, seed=seed)
    unmatched = mmd_test(rows, after, second_groups=groups, seed=seed)
    matched = mmd_test(rows[some], after, second_groups=groups, seed=seed)
    kind = _kind(covariate_shift, shift, unmatched, matched)
    return KindOfShift(
        kind=kind,
        covariate_shift=covariate_shift,
        unmatched=unmatched,
        matched=matched,
        sentence=_SENTENCES[kind],
    )


def matched_items(
    codes: NDArray[np.integer], shares: NDArray[np.floating], rng: np.random.Generator
) -> NDArray[np.intp]:
    """Positions of as many different items as have classes with these shares, ``MAX_COMPARED``
    at most.

    The scarcest class that matters sets how many there are; it may fall short by half, so that one
    rare class does not leave too few of all others.

    Examples
    --------
    >>> codes = np.array([0] * 50 + [1] * 50)
    >>> some = matched_items(codes, np.array([0.8, 0.2]), np.random.default_rng(0))
    >>> np.bincount(codes[some]).tolist()
    [50, 12]
    """
    counts = np.bincount(codes, minlength=len(shares))
    wanted = np.where(counts > 0, shares, 0)
    if wanted.sum() == 0:
        return np.empty(0, np.intp)
    wanted = wanted / wanted.sum()
    heavy = wanted >= 0.5 / len(shares)
    most = min(float((counts[heavy] / wanted[heavy]).min()), MAX_COMPARED)
    take = np.minimum(np.floor(wanted * most + 1e-9 + 0.5 * (wanted * most < 1)), counts)
    order = rng.permutation(len(codes))
    parts = [order[codes[order] == c][: int(t)] for c, t in enumerate(take)]
    return np.concatenate(parts).astype(np.intp)


def _kind(
    covariate_shift: ShiftTest, shift: LabelShift, unmatched: MMDTest, matched: MMDTest
) -> Kind:
    if not covariate_shift.noticeable:
        return "classes" if shift.shifted else "none"
    closer = matched.effect**2 < _LEFT * unmatched.effect**2
    return "both" if shift.shifted and closer else "covariate_shift"


_SENTENCES: dict[Kind, str] = {
    "none": "These items look like those of training, and the class priors agree.",
    "classes": (
        "Items of each class look as in training, but the class priors differ: correcting the "
        "probabilities for them is what helps."
    ),
    "covariate_shift": (
        "Items of each class look different from those of training: estimated class priors and "
        "the cross-validated scores don't apply here."
    ),
    "both": (
        "Items of each class look different from those of training, and the class priors seem to "
        "differ, too: the estimated priors are rough."
    ),
}
