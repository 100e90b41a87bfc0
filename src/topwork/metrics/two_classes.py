"""Two classes as tests are judged: sensitivity and specificity, at several thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.metrics.records import Record

POSITIVE_NAMES: Final = frozenset(
    {"yes", "y", "true", "1", "positive", "pos", "sick", "ill", "disease", "abnormal", "defect"}
    | {"defective", "damaged", "bad", "fail", "spam", "fraud", "anomaly", "tumor", "tumour"}
)
"""Labels that people use for what is looked for."""

THRESHOLDS: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


class ThresholdRow(Record):
    """What happens where the positive class is predicted from this probability on.

    Attributes
    ----------
    threshold
        Probability of the positive class.
    sensitivity, specificity
        Share of the positive, of the negative items that are predicted as such.
    positive_predictive_value
        Share of the items predicted positive that are; None where none is.
    negative_predictive_value
        The same of those predicted negative.
    """

    threshold: float
    sensitivity: float
    specificity: float
    positive_predictive_value: float | None
    negative_predictive_value: float | None


class TwoClasses(Record):
    """A classifier of two classes as a test for one of them.

    Attributes
    ----------
    positive, negative
        The labels; positive is the one whose name says so, else the second.
    rows
        By rising threshold.
    """

    positive: str
    negative: str
    rows: tuple[ThresholdRow, ...]


def two_classes(
    labels: Sequence[str], codes: NDArray[np.integer], probabilities: NDArray[np.floating]
) -> TwoClasses | None:
    """Sensitivity and specificity by threshold; None unless both of two classes have items.

    Parameters
    ----------
    codes
        Class of each item, ``(n,)``.
    probabilities
        ``(n, 2)``, of items that the model was not fitted on.

    Examples
    --------
    >>> p = np.array([[0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
    >>> found = two_classes(["no", "yes"], np.array([0, 0, 1]), p)
    >>> found.positive, [r.sensitivity for r in found.rows if r.threshold == 0.5]
    ('yes', [1.0])
    """
    if len(labels) != 2 or len(np.unique(codes)) != 2:
        return None
    one = positive_of(labels)
    truth, p = codes == one, probabilities[:, one]
    return TwoClasses(
        positive=labels[one],
        negative=labels[1 - one],
        rows=tuple(_row(truth, p >= threshold, threshold) for threshold in THRESHOLDS),
    )


def positive_of(labels: Sequence[str]) -> int:
    """Which of two labels is looked for: the one whose name says so, else the second."""
    named = [i for i, label in enumerate(labels) if label.strip().lower() in POSITIVE_NAMES]
    return named[0] if len(named) == 1 else 1


def _row(truth: NDArray[np.bool_], said: NDArray[np.bool_], threshold: float) -> ThresholdRow:
    return ThresholdRow(
        threshold=threshold,
        sensitivity=float(said[truth].mean()),
        specificity=float((~said)[~truth].mean()),
        positive_predictive_value=float(truth[said].mean()) if said.any() else None,
        negative_predictive_value=float((~truth)[~said].mean()) if not said.all() else None,
    )
