"""What the score of a detection is replaced by: the probability that it is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.calibration.detection.box_calibration import BoxCalibration, fit_box_calibration
from topwork.calibration.detection.box_features import box_features
from topwork.calibration.detection.second_look import SecondLook, fit_second_look
from topwork.data.targets.boxes import BoxTargets
from topwork.errors import DataError
from topwork.metrics.detection.calibration_error import detection_calibration_error
from topwork.metrics.detection.comparison import FalseDetectionChange, compare_scorings
from topwork.metrics.detection.detections import Detections, rescored
from topwork.metrics.detection.matching import match_detections
from topwork.metrics.detection.objects_shown import objects_shown

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class BoxProbability:
    """How scores become probabilities, chosen on detections of images that no fold was trained on.

    Parameters
    ----------
    calibration
        From the score alone.
    look
        From features as well; None where that leaves no fewer false detections.
    change
        False detections per image at one recall by the second look against the scores; None
        where it could not be fitted.
    detections
        The boxes of each image with held-out probabilities, in their new order, n.
    error_before, error_after
        Detection calibration error of the scores and of the held-out probabilities.
    reason
        Why the second look is used or not.
    """

    calibration: BoxCalibration
    look: SecondLook | None
    change: FalseDetectionChange | None
    detections: tuple[Detections, ...]
    error_before: float
    error_after: float
    reason: str

    def apply(
        self, found: Detections, size: tuple[int, int], features: NDArray[np.floating] | None
    ) -> Detections:
        """The boxes of one image with probabilities in place of scores, in their new order.

        Parameters
        ----------
        found
            The boxes.
        size
            Width and height of the image in pixels.
        features
            What the network says of each box, (m, f); None where it was fitted without.
        """
        if self.look is None:
            return found.rescored(self.calibration.probabilities(found.scores))
        rows = box_features([found], np.array([size]), None if features is None else [features])
        return found.rescored(self.look.probabilities(rows))


def fit_box_probability(
    targets: BoxTargets,
    detections: Sequence[Detections],
    sizes: NDArray[np.integer],
    folds: NDArray[np.integer],
    *,
    features: Sequence[NDArray[np.floating]] | None = None,
    groups: ArrayLike | None = None,
    recall: float = 0.9,
) -> BoxProbability:
    """Calibrate scores, and use the second look where it leaves fewer false detections.

    It is used if the whole 95 % interval of the change in false detections per image, at one
    recall and over resampled images, is below 0; its probabilities are cross-fitted by image.

    Parameters
    ----------
    targets
        The objects of n images.
    detections
        Out-of-fold detections of each, n.
    sizes
        Width and height of each image, (n, 2).
    folds
        Fold of each image, (n,); images of one group share a fold.
    features
        What the network says of each box of each image, (mᵢ, f) each; none by default.
    groups
        Group of each image, (n,).
    recall
        Share of the objects at which false detections are compared.

    Examples
    --------
    >>> from topwork.data.targets.boxes import ImageBoxes
    >>> targets = BoxTargets(("cell",), (ImageBoxes.of([(0, 0, 9, 9)], [0]),) * 40)
    >>> found = [Detections.of([(0, 0, 9, 9), (50, 50, 60, 60)], [0, 0], [0.4, 0.3])] * 40
    >>> chosen = fit_box_probability(targets, found, np.full((40, 2), 99), np.arange(40) % 4)
    >>> chosen.apply(found[0], (99, 99), None).scores.round().tolist()
    [1.0, 0.0]
    """
    counts = [len(found) for found in detections]
    matches = match_detections(targets, detections, overlaps=(0.5,))
    right, judged = matches.verdicts(counts)
    own = folds[np.repeat(np.arange(len(counts)), counts)]
    scores = np.concatenate([found.scores for found in detections]) if counts else np.empty(0)
    calibration = fit_box_calibration(scores[judged], right[judged])
    held_out = _cross_fitted(scores, right, judged, own)
    look, change = None, None
    try:
        rows = box_features(detections, sizes, features)
        shown, k = objects_shown(matches, counts), len(targets.labels)
        fit = fit_second_look(rows, shown, right, judged, folds=folds, n_classes=k)
        after = rescored(detections, fit.held_out)
        change = compare_scorings(targets, detections, after, recall=recall, groups=groups)
        reason = _reason(change)
        if change.fewer:
            look, held_out = fit.look, fit.held_out
    except DataError as error:
        reason = error.message
    return BoxProbability(
        calibration=calibration,
        look=look,
        change=change,
        detections=tuple(rescored(detections, held_out)),
        error_before=detection_calibration_error(scores[judged], right[judged]),
        error_after=detection_calibration_error(held_out[judged], right[judged]),
        reason=reason,
    )


def _cross_fitted(
    scores: NDArray[np.floating],
    right: NDArray[np.bool_],
    judged: NDArray[np.bool_],
    folds: NDArray[np.integer],
) -> Float32:
    """Probabilities of each fold's detections by the calibration of the others, (m,)."""
    held_out = np.empty(len(scores), dtype=np.float32)
    for fold in np.unique(folds):
        others = judged & (folds != fold)
        fitted = fit_box_calibration(scores[others], right[others])
        held_out[folds == fold] = fitted.probabilities(scores[folds == fold])
    return held_out


def _reason(change: FalseDetectionChange) -> str:
    """One sentence with the numbers."""
    numbers = (
        f"{change.after:.2f} false detections per image instead of {change.before:.2f} at a recall "
        f"of {change.recall:.2f} (95 % interval of the difference {change.low:.2f} to "
        f"{change.high:.2f})"
    )
    if change.fewer:
        return f"The second look is used: it leaves {numbers}."
    return f"The second look is not used: it would leave {numbers}."
