"""A proposal as a head that answers for any item of the new domain."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from topwork.heads import LinearHead, fit_logistic, stratified_folds
from topwork.heads.domain.alignment import standardise
from topwork.heads.linear import normalise_rows
from topwork.transductive.candidates.proposals import Proposal
from topwork.transductive.candidates.space import Space

_FOLDS = 5
_SOURCE_SHARE = 0.5
"""Source rows beside the target's, at most this share of them, so that no class is forgotten."""
_MIN_KEPT = 500
"""Source rows that are kept as they are, if there are so many; as many as the target's if more."""


@dataclass(frozen=True, eq=False, slots=True)
class Distilled:
    """A head that gives a proposal's answers.

    Parameters
    ----------
    seed
        Of the source rows beside the target's, and of folds.
    keeps_source
        Whether source rows as they are were learnt from, too.
    """

    proposal: Proposal
    head: LinearHead
    seed: int
    keeps_source: bool = False

    def held_out(self) -> NDArray[np.float32]:
        """Logits of the target's items by heads that had not seen them, ``(m, k)``."""
        labels = self.proposal.labels
        folds = stratified_folds(labels, n_folds=_FOLDS, seed=self.seed)
        logits = np.zeros((len(labels), self.proposal.space.n_classes), np.float32)
        for fold in np.unique(folds):
            own = folds == fold
            head = _fitted(self.proposal, ~own, self.seed, keep=self.keeps_source)
            logits[own] = head.logits(self.proposal.space.target[own])
        return logits


def distil(proposal: Proposal, *, seed: int = 0) -> Distilled:
    """Fit a head on the target's items with the labels that were proposed.

    Source rows stand beside them, moved to the target's mean and spread, for the classes that the
    target hardly holds.
    """
    everything = np.ones(len(proposal.probabilities), bool)
    return Distilled(proposal, _fitted(proposal, everything, seed), seed)


def with_source(made: Distilled) -> Distilled:
    """The same, fitted on source rows as they are, too, so that its own domain isn't forgotten.

    A linear head on hundreds of features has room for both: on none of 23 pairs of domains did the
    target lose a point by it, and the source kept what it had.
    """
    everything = np.ones(len(made.proposal.probabilities), bool)
    head = _fitted(made.proposal, everything, made.seed, keep=True)
    return replace(made, head=head, keeps_source=True)


def _fitted(
    proposal: Proposal, some: NDArray[np.bool_], seed: int, *, keep: bool = False
) -> LinearHead:
    space, labels = proposal.space, proposal.labels.astype(np.int64)
    extra, extra_codes = _source_rows(space, labels, seed)
    rows, codes = [normalise_rows(space.target[some]), extra], [labels[some], extra_codes]
    if keep:
        kept = np.random.default_rng(seed).permutation(len(space.codes))
        kept = kept[: max(_MIN_KEPT, len(labels))]
        rows.append(normalise_rows(space.selected_source[kept]))
        codes.append(space.codes[kept])
    return fit_logistic(np.concatenate(rows), np.concatenate(codes), space.n_classes)


def _source_rows(
    space: Space, labels: NDArray[np.int64], seed: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Rows of the classes that few target items were given, where the target's items lie."""
    counts = np.bincount(labels, minlength=space.n_classes)
    usual = max(1, int(np.ceil(_SOURCE_SHARE * len(labels) / space.n_classes)))
    moved = space.standardised[0]
    _, mean, spread = standardise(space.target)
    order = np.random.default_rng(seed).permutation(len(space.codes))
    chosen = [
        order[space.codes[order] == c][: max(0, usual - int(counts[c]))]
        for c in range(space.n_classes)
    ]
    some = np.concatenate(chosen).astype(np.intp)
    return moved[some] * spread + mean, space.codes[some]
