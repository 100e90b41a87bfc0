"""Which classes unlabelled items of another domain seem to hold."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from topwork.metrics.records import Record, Score

Presence = Literal["all", "some", "unclear"]

RATIO = 2.0
"""Missing mass beyond that many times the disagreement says that classes are absent."""
ENOUGH = 25
"""Items per class from which all classes are assumed as long as nothing speaks against it."""
_FEW = 10
"""With so few per class something has to speak for it: few items seldom hold all classes."""
_LOST = (0.1, 0.3)
"""Agreement that assuming all classes may cost, with few items and with enough."""
_NEAR = (1.0, 1.55)
"""What both signs may sum to, each as a part of what it may be."""
_MIN = 2
_SCARCE = 0.1
"""Of a class's share in the source, below which a class counts as absent."""
_Z = 1.959964

Float64 = NDArray[np.float64]


class ClassShare(Record):
    """One class among the unlabelled items.

    Parameters
    ----------
    label
        The class.
    share
        Of the items, with its 95 % interval.
    present
        Whether it seems to be there; None where that can't be told.
    """

    label: str
    share: Score
    present: bool | None


class ClassPresence(Record):
    """Which classes seem present.

    Parameters
    ----------
    verdict
        ``all``: nothing speaks against all classes being there; ``some``: only some are; or
        ``unclear``.
    n_items
        Unlabelled items.
    classes
        Each class, in the model's order.
    agreement
        Share of the items for which two classifiers predict the same class, each trained on a
        half of the features: an estimate of the model's accuracy without labels.
    balanced_agreement
        The same with each domain standardised, which assumes that it has all classes.
    missing
        Mass of the classes that are predicted less than half as often as in the source.
    priors
        Shares to adapt with, 0 for absent classes, (k,); those of the source for ``all``.
    sentence
        The same for people.
    """

    verdict: Presence
    n_items: int
    classes: tuple[ClassShare, ...]
    agreement: float
    balanced_agreement: float
    missing: float
    priors: tuple[float, ...]
    sentence: str

    @property
    def most_errors(self) -> float:
        """Share of the predictions that may be wrong."""
        return RATIO * (1 - self.agreement)

    @property
    def few(self) -> bool:
        """Whether there are so few items per class that all of them may not be there."""
        return self.n_items < ENOUGH * len(self.classes)

    @property
    def whole(self) -> bool:
        """Whether the items are enough, and of all classes, to stand for their domain.

        Statistics of a network's normalisations taken from other items would be wrong.
        """
        return self.verdict == "all" and not self.few

    @property
    def present(self) -> tuple[str, ...]:
        """Labels of the classes that seem present."""
        return tuple(c.label for c in self.classes if c.present)


def class_presence(
    probabilities: NDArray[np.floating],
    spread: NDArray[np.floating],
    source: Float64,
    labels: tuple[str, ...],
    *,
    agreement: float,
    balanced_agreement: float,
) -> ClassPresence:
    """Tell whether all classes of the source are among unlabelled items, or only some.

    A class that is there but hardly predicted must be confused with others. So the mass that is
    missing from the predictions, beside the source's shares, can't exceed the error rate unless
    classes are absent. The error rate under a shift is estimated by the disagreement of two
    classifiers; as errors that both make are not seen by it, it is doubled.

    Parameters
    ----------
    probabilities, spread
        Of the items, by the model, and the same after label propagation, (m, k).
    source
        Shares of the classes in the source, (k,).
    agreement, balanced_agreement
        See `ClassPresence`.

    References
    ----------
    Jiang, Nagarajan, Baek and Kolter 2022, Assessing generalization of SGD via disagreement.

    Examples
    --------
    >>> sure = np.tile(np.float64([[0.98, 0.01, 0.01]]), (60, 1))
    >>> found = class_presence(
    ...     sure, sure, np.ones(3) / 3, ("a", "b", "c"), agreement=0.98, balanced_agreement=0.4
    ... )
    >>> found.verdict, found.present
    ('some', ('a',))
    """
    m, k = probabilities.shape
    shares = np.bincount(probabilities.argmax(axis=1), minlength=k) / m
    scarce = shares < source / 2
    missing = float((source - shares)[scarce].sum())
    error = 1 - agreement
    verdict = _verdict(missing, error, agreement - balanced_agreement, m / k)
    kept = (shares >= np.maximum(_MIN / m, _SCARCE * source)) | (verdict != "some")
    if verdict == "some" and kept.all():  # shares that differ too much, but no class to leave out
        verdict = "unclear"
    estimate = _estimate(np.asarray(probabilities), np.asarray(spread), kept)
    classes = tuple(
        ClassShare(
            label=label,
            share=_interval(float(share), RATIO * error, m),
            present=None if verdict == "unclear" else bool(there),
        )
        for label, share, there in zip(labels, estimate, kept, strict=True)
    )
    priors = estimate if verdict == "some" else source
    return ClassPresence(
        verdict=verdict,
        n_items=m,
        classes=classes,
        agreement=agreement,
        balanced_agreement=balanced_agreement,
        missing=missing,
        priors=tuple(map(float, priors)),
        sentence=_sentence(verdict, classes),
    )


def all_present(presence: ClassPresence, source: Float64, match: float) -> ClassPresence:
    """The same where the target's clusters show all classes, ``match`` being how well."""
    update = {
        "verdict": "all",
        "classes": tuple(c.model_copy(update={"present": True}) for c in presence.classes),
        "priors": tuple(map(float, source)),
        "sentence": (
            "All classes seem present: clusters found without labels and the adapted predictions "
            f"match on {100 * match:.0f} % of the items."
        ),
    }
    return presence.model_copy(update=update)


def _verdict(missing: float, error: float, lost: float, per_class: float) -> Presence:
    """All classes unless too much is missing, or assuming them costs too much agreement."""
    ratio = missing / max(error, 1e-3) / RATIO
    if ratio > 1:
        return "some"
    known = min(1.0, max(0.0, (per_class - _FEW) / (ENOUGH - _FEW)))
    tolerance, near = (few + known * (enough - few) for few, enough in (_LOST, _NEAR))
    lost = max(lost, 0) / tolerance
    return "unclear" if lost > 1 or ratio + lost > near else "all"


def _estimate(p: Float64, spread: Float64, kept: NDArray[np.bool_]) -> Float64:
    """Mean of the model's predictions and of the propagated ones, on the classes that are kept."""
    means = []
    for some in (p, spread):
        rows = some * kept
        means.append((rows / np.maximum(rows.sum(axis=1, keepdims=True), 1e-12)).mean(axis=0))
    estimate: Float64 = np.mean(means, axis=0)
    return estimate / max(float(estimate.sum()), 1e-12)


def _interval(share: float, error: float, m: int) -> Score:
    """Wilson's interval of the predicted share, widened by the errors that there may be."""
    z = _Z**2 / m
    centre = (share + z / 2) / (1 + z)
    radius = _Z * np.sqrt(share * (1 - share) / m + z / (4 * m)) / (1 + z)
    low, high = centre - radius - error, centre + radius + error
    return Score(
        value=share, low=float(max(0, min(low, share))), high=float(min(1, max(high, share)))
    )


def _sentence(verdict: Presence, classes: tuple[ClassShare, ...]) -> str:
    if verdict == "all":
        return "All classes seem to be present."
    if verdict == "unclear":
        return (
            "It is unclear whether all classes are present, and adapting would change many "
            "predictions."
        )
    there = [c for c in classes if c.present]
    named = ", ".join(
        f"{c.label} ({100 * c.share.value:.0f} %, 95 % interval {100 * c.share.low:.0f} to "
        f"{100 * (1.0 if c.share.high is None else c.share.high):.0f} %)"
        for c in sorted(there, key=lambda c: -c.share.value)[:_MAX_NAMED]
    )
    more = f" and {len(there) - _MAX_NAMED} more" if len(there) > _MAX_NAMED else ""
    return f"Only {len(there)} of {len(classes)} classes seem present: {named}{more}."


_MAX_NAMED = 6
