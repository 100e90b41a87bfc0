"""The score that a detection needs so that a promise is kept."""

from __future__ import annotations

from typing import Literal

from topwork.metrics.records import Record, Score


class ThresholdChoice(Record):
    """The score that a detection needs so that a promise is kept.

    Parameters
    ----------
    promise
        ``miss``: the mean share of an image's objects that are missed; ``false_per_image``: the
        mean number of false detections.
    target
        What was asked for.
    threshold
        Least score of a detection; None where the promise can't be kept.
    expected
        The promised quantity at the threshold on the images that it was found on, with its 95 %
        interval; None without a threshold.
    n_images
        Images that it was found on; for ``miss`` those with objects.
    needed
        Images that it would take; None where more images alone wouldn't help.
    reason
        Why there is no threshold; None where there is one.
    """

    promise: Literal["miss", "false_per_image"]
    target: float
    threshold: float | None
    expected: Score | None
    n_images: int
    needed: int | None
    reason: str | None


def common_threshold(miss: ThresholdChoice, false: ThresholdChoice) -> float | None:
    """A threshold that keeps both promises, the one with fewer false detections; None without.

    Examples
    --------
    >>> half = ThresholdChoice(
    ...     promise="miss", target=0.1, threshold=0.5, expected=None, n_images=90, needed=9,
    ...     reason=None,
    ... )
    >>> common_threshold(half, half.model_copy(update={"threshold": 0.4}))
    0.5
    >>> common_threshold(half, half.model_copy(update={"threshold": 0.6})) is None
    True
    """
    if miss.threshold is None or false.threshold is None or false.threshold > miss.threshold:
        return None
    return miss.threshold
