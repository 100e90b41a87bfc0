"""Each domain (a site, a scanner, a camera) held out as a whole, beside the random folds."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.metrics import judge
from topwork.metrics.metrics import ClassCounts, balanced_accuracy
from topwork.metrics.records import Record, Score
from topwork.settings import FitSettings
from topwork.trials.trial import Trial, judged, targets_of

MAX_DOMAINS: Final = 20
"""Each costs a fit."""


class DomainScore(Record):
    """One domain that was held out.

    Attributes
    ----------
    domain
        Its name.
    n_items
        Its items that were judged.
    balanced_accuracy
        On these, of the head fitted on all other domains.
    """

    domain: str
    n_items: int
    balanced_accuracy: float


class LeftOutDomains(Record):
    """What the head scores on domains that it was not fitted on.

    Attributes
    ----------
    n_items
        Items that were judged: those of groups in a single domain, of classes that other domains
        have, too.
    balanced_accuracy, auroc
        Over all of them; the 95 % confidence intervals hold for these domains.
    random_folds
        Balanced accuracy of the same head on the random folds, where its domains are known.
    domains
        Each by itself.
    """

    n_items: int
    balanced_accuracy: Score
    auroc: Score | None
    random_folds: float
    domains: tuple[DomainScore, ...]

    @property
    def sentence(self) -> str:
        """For people."""
        found = self.balanced_accuracy
        high = 1.0 if found.high is None else found.high
        worst = min(self.domains, key=lambda one: one.balanced_accuracy)
        return (
            f"Each of {len(self.domains)} domains held out as a whole: balanced accuracy "
            f"{found.value:.3f} [{found.low:.3f}, {high:.3f}], {self.random_folds:.3f} in random "
            f"folds. Lowest: {worst.balanced_accuracy:.3f} in {worst.domain}."
        )


def left_out_domains(
    transfer: Trial, groups: NDArray[np.int64], settings: FitSettings
) -> LeftOutDomains | None:
    """Judge the head of a trial with each domain held out; None without two to twenty domains.

    Parameters
    ----------
    groups
        What must not be split, ``(n,)``. Groups in several domains are always learnt from and
        never judged.
    """
    data, targets = transfer.frozen.data, targets_of(transfer.frozen)
    if data.domains is None:
        return None
    names, folds = np.unique(np.asarray(data.domains).astype(str), return_inverse=True)
    pairs = np.unique(np.stack([groups, folds]), axis=1)[0]
    shared, counts = np.unique(pairs, return_counts=True)
    folds = np.where(np.isin(groups, shared[counts > 1]), -1, folds)
    if not 2 <= len(np.unique(folds[folds >= 0])) <= MAX_DOMAINS:
        return None
    trial = judged(transfer.candidate, transfer.frozen, folds[None], settings)
    rows = np.flatnonzero(trial.head.seen & (folds >= 0))
    codes, probabilities = targets.codes[rows], trial.head.probabilities_oof[rows]
    if len(np.unique(codes)) < 2:
        return None
    labels = [str(label) for label in targets.labels]
    found = judge(codes, probabilities, labels, groups=groups[rows])
    return LeftOutDomains(
        n_items=len(rows),
        balanced_accuracy=found.scores.balanced_accuracy,
        auroc=found.more.auroc if found.more else None,
        random_folds=_balanced(codes, transfer.head.probabilities_oof[rows]),
        domains=tuple(
            DomainScore(
                domain=str(names[fold]),
                n_items=int((folds[rows] == fold).sum()),
                balanced_accuracy=_balanced(
                    codes[folds[rows] == fold], probabilities[folds[rows] == fold]
                ),
            )
            for fold in np.unique(folds[rows])
        ),
    )


def _balanced(codes: NDArray[np.int64], probabilities: NDArray[np.floating]) -> float:
    counts = ClassCounts.of(codes, probabilities.argmax(axis=1), probabilities.shape[1])
    return float(balanced_accuracy(counts))
