"""A proposal as a head that answers for any item of the new domain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.heads import LinearHead, fit_logistic, stratified_folds
from topwork.heads.alignment import standardise
from topwork.heads.linear import normalise_rows
from topwork.transductive.proposals import Proposal
from topwork.transductive.space import Space

_FOLDS = 5
_SOURCE_SHARE = 0.5
"""Source rows beside the target's, at most this share of them, so that no class is forgotten."""


@dataclass(frozen=True, eq=False, slots=True)
class Distilled:
    """A head that gives a proposal's answers.

    Parameters
    ----------
    held_out
        Logits of the target's items by heads that had not seen them, ``(m, k)``.
    """

    proposal: Proposal
    head: LinearHead
    held_out: NDArray[np.float32]


def distil(proposal: Proposal, *, seed: int = 0) -> Distilled:
    """Fit a head on the target's items with the labels that were proposed.

    Source rows stand beside them, moved to the target's mean and spread, for the classes that the
    target hardly holds.
    """
    space, labels = proposal.space, proposal.labels.astype(np.int64)
    rows = normalise_rows(space.target)
    extra, extra_codes = _source_rows(space, labels, seed)

    def fitted(some: NDArray[np.bool_]) -> LinearHead:
        X = np.concatenate([rows[some], extra])
        codes = np.concatenate([labels[some], extra_codes])
        return fit_logistic(X, codes, space.n_classes)

    folds = stratified_folds(labels, n_folds=_FOLDS, seed=seed)
    held_out = np.zeros((len(rows), space.n_classes), np.float32)
    for fold in np.unique(folds):
        held_out[folds == fold] = fitted(folds != fold).logits(rows[folds == fold])
    return Distilled(proposal, fitted(np.ones(len(rows), bool)), held_out)


def _source_rows(
    space: Space, labels: NDArray[np.int64], seed: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Rows of the classes that few target items were given, where the target's items lie."""
    counts = np.bincount(labels, minlength=space.n_classes)
    usual = max(1, int(np.ceil(_SOURCE_SHARE * len(labels) / space.n_classes)))
    moved = standardise(space.source)[0]
    _, mean, spread = standardise(space.target)
    order = np.random.default_rng(seed).permutation(len(space.codes))
    chosen = [
        order[space.codes[order] == c][: max(0, usual - int(counts[c]))]
        for c in range(space.n_classes)
    ]
    some = np.concatenate(chosen).astype(np.intp)
    return moved[some] * spread + mean, space.codes[some]
