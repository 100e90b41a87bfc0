"""Which classes the new domain seems to hold, from features of both domains."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.heads import fit_logistic
from topwork.heads.domain.alignment import standardise
from topwork.heads.linear import normalise_rows
from topwork.shift.class_presence import ClassPresence, all_present, class_presence
from topwork.transductive.candidates.cluster_support import clusters_support_all
from topwork.transductive.candidates.methods import plain
from topwork.transductive.candidates.space import Space

_DIVISIONS = 2
_MAX_ROWS = 2000

Rows = NDArray[np.float32]


def presence_in(space: Space, labels: tuple[str, ...], *, seed: int = 0) -> ClassPresence:
    """Estimate the classes present in the target of a space in which the model predicts.

    Where predictions alone leave it open, the target's own clusters decide: all classes, if they
    support the labels that come out of adapting to all classes.
    """
    said = plain(space)
    alone, balanced = _agreements(space, np.random.default_rng(seed))
    presence = class_presence(
        said,
        space.spread(said),
        space.source_priors,
        labels,
        agreement=alone,
        balanced_agreement=balanced,
    )
    if presence.verdict != "unclear":
        return presence
    match = clusters_support_all(space, seed=seed)
    return presence if match is None else all_present(presence, space.source_priors, match)


def _agreements(space: Space, rng: np.random.Generator) -> tuple[float, float]:
    """Of classifiers on two halves of the features: as they are, and each domain standardised.

    Classifiers on halves err independently of each other more than ones on other items would.
    """
    ours, codes = normalise_rows(space.source), space.codes
    theirs = normalise_rows(space.target)
    kept = rng.permutation(len(codes))[:_MAX_ROWS]
    ours, codes = ours[kept], codes[kept]
    d = ours.shape[1]
    alone, balanced = [], []
    for _ in range(_DIVISIONS):
        order = rng.permutation(d)
        halves = order[: d // 2], order[d // 2 :]
        plainly = [_predicted(ours[:, h], theirs[:, h], codes, space.n_classes) for h in halves]
        level = [
            _predicted(
                standardise(ours[:, h])[0], standardise(theirs[:, h])[0], codes, space.n_classes
            )
            for h in halves
        ]
        alone.append(float((plainly[0] == plainly[1]).mean()))
        balanced.append(float((level[0] == level[1]).mean()))
    return float(np.mean(alone)), float(np.mean(balanced))


def _predicted(ours: Rows, theirs: Rows, codes: NDArray[np.int64], k: int) -> NDArray[np.intp]:
    predicted: NDArray[np.intp] = fit_logistic(ours, codes, k).logits(theirs).argmax(axis=1)
    return predicted
