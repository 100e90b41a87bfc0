"""Which of several models to trust on items without labels: five opinions, and a vote.

No single score is safe: each has data on which it prefers a useless model. So a candidate must be
the one that agrees most with all of them together, and most of the scores must prefer it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.metrics.records import Record

MIN_VARIETY = 0.7
"""Of the start's entropy of the mean answer, below which a candidate has collapsed."""
PAIRS = 2000

Probabilities = NDArray[np.float32]
Back = Callable[[NDArray[np.intp]], float]
"""Accuracy on the source of a head that was fitted on target items with these labels, (m,)."""
Mixed = Callable[[NDArray[np.intp], NDArray[np.intp]], Probabilities]
"""What a candidate says of the items half way between two lists of target items."""


@dataclass(frozen=True, eq=False, slots=True)
class CandidatePredictions:
    """One candidate's answers.

    Parameters
    ----------
    probabilities
        Of the target items, ``(m, k)``.
    back
        Circular validation.
    mixed
        Answers between items; None where a candidate answers for its own items only.
    source
        Probability that it gives the right class of source items, ``(n,)``; None where unknown.
    """

    name: str
    probabilities: Probabilities
    back: Back
    mixed: Mixed | None = None
    source: NDArray[np.floating] | None = None


class LabelFreeScores(Record):
    """What the five scores say of one candidate; more is better in all.

    Parameters
    ----------
    agreement
        Share of the target items on which it says what all candidates together say.
    circular
        Accuracy on the source of a head fitted on the target with this candidate's labels.
    certainty
        Entropy of the mean answer minus mean entropy, in nats.
    mixed
        Agreement with its own labels on items half way between two, 0 to 1.
    weighted
        Mean log probability of the right class of source items, those that look like the target
        counting more.
    """

    name: str
    agreement: float
    circular: float
    certainty: float
    mixed: float | None
    weighted: float | None
    collapsed: bool
    votes: int
    of: int


def ensemble_mean(candidates: Sequence[Probabilities]) -> Probabilities:
    """The mean of all candidates' probabilities, ``(m, k)``."""
    result: Probabilities = np.mean(candidates, axis=0, dtype=np.float32)
    return result


def label_free_scores(
    candidates: Sequence[CandidatePredictions],
    ensemble: Probabilities,
    *,
    weights: NDArray[np.floating] | None = None,
    present: NDArray[np.bool_] | None = None,
    seed: int = 0,
) -> tuple[LabelFreeScores, ...]:
    """The scores of every candidate, and how many of them prefer it to the first, the start.

    Parameters
    ----------
    candidates
        The start first.
    ensemble
        What they say together, ``(m, k)``.
    weights
        How much each source item looks like the target, ``(n,)``; None for alike.
    present
        Classes that the target holds, ``(k,)``; all by default. A candidate may lose the others
        without having collapsed.

    References
    ----------
    EnsV: Hu et al. 2024, Towards reliable model selection for unsupervised domain adaptation.
    Circular validation: Bruzzone and Marconcini 2010. MixVal: Hu et al. 2023, Mixed samples as
    probes. Importance weighting: Sugiyama, Krauledat and Müller 2007.
    """
    rng = np.random.default_rng(seed)
    m = len(ensemble)
    pairs = rng.integers(m, size=PAIRS), rng.integers(m, size=PAIRS)
    found = [_scores(c, ensemble, pairs, weights) for c in candidates]
    start = _within(candidates[0].probabilities, present)
    variety = _variety(start)
    lost = [_collapsed(c.probabilities, start, variety) for c in candidates]
    return tuple(
        LabelFreeScores(name=c.name, **scores, collapsed=gone, **_votes(scores, found[0]))  # type: ignore[arg-type]
        for c, scores, gone in zip(candidates, found, lost, strict=True)
    )


Scores = dict[str, float | None]


def _scores(
    candidate: CandidatePredictions,
    ensemble: Probabilities,
    pairs: tuple[NDArray[np.intp], NDArray[np.intp]],
    weights: NDArray[np.floating] | None,
) -> Scores:
    p = candidate.probabilities
    labels = p.argmax(axis=1)
    entropy = -(p * np.log(p + 1e-12)).sum(axis=1).mean()
    return {
        "agreement": float((labels == ensemble.argmax(axis=1)).mean()),
        "circular": candidate.back(labels),
        "certainty": float(_variety(p) - entropy),
        "mixed": _mixed(candidate, labels, pairs),
        "weighted": _weighted(candidate.source, weights),
    }


def _within(p: Probabilities, present: NDArray[np.bool_] | None) -> Probabilities:
    """Probabilities of the classes that are present alone."""
    if present is None:
        return p
    rows = p * present
    within: Probabilities = rows / np.maximum(rows.sum(axis=1, keepdims=True), 1e-12)
    return within


def _variety(p: Probabilities) -> float:
    mean = p.mean(axis=0)
    return float(-(mean * np.log(mean + 1e-12)).sum())


def _collapsed(p: Probabilities, start: Probabilities, variety: float) -> bool:
    """Whether its answers have become far less varied, or a class that was frequent is gone."""
    k = p.shape[1]
    before = np.bincount(start.argmax(axis=1), minlength=k)
    after = np.bincount(p.argmax(axis=1), minlength=k)
    gone = (before >= max(3, 0.5 * len(p) / k)) & (after == 0)
    return _variety(p) < MIN_VARIETY * variety or bool(gone.any())


def _mixed(
    candidate: CandidatePredictions,
    labels: NDArray[np.intp],
    pairs: tuple[NDArray[np.intp], NDArray[np.intp]],
) -> float | None:
    """How often an item nearer to one of two is given that one's label."""
    if candidate.mixed is None:
        return None
    first, second = pairs
    apart = labels[first] != labels[second]
    if not apart.any():
        return None
    said = candidate.mixed(first[apart], second[apart]).argmax(axis=1)
    return float((said == labels[first[apart]]).mean())


def _weighted(
    source: NDArray[np.floating] | None, weights: NDArray[np.floating] | None
) -> float | None:
    if source is None:
        return None
    w = np.ones(len(source)) if weights is None else weights
    return float((w * np.log(source + 1e-6)).sum() / w.sum())


def _votes(scores: Scores, start: Scores) -> dict[str, int]:
    known = [name for name in scores if scores[name] is not None and start[name] is not None]
    better = sum(float(scores[n] or 0) > float(start[n] or 0) + 1e-9 for n in known)
    return {"votes": better, "of": len(known)}
