"""What the score of a detection is replaced by: the probability that it is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.calibration.detection.box_calibration import BoxCalibration, fit_box_calibration
from topwork.calibration.detection.box_features import BoxFeatures, box_features
from topwork.calibration.detection.scoring import with_probabilities
from topwork.calibration.detection.second_look import PENALTIES, SecondLook, fit_second_look
from topwork.calibration.detection.seen_again import SeenAgain, rows_of_all
from topwork.data.targets.boxes import BoxTargets
from topwork.errors import DataError
from topwork.metrics.detection.calibration_error import detection_calibration_error
from topwork.metrics.detection.comparison import FalseDetectionChange, compare_scorings
from topwork.metrics.detection.detections import Detections, rescored
from topwork.metrics.detection.matching import Matches, match_detections
from topwork.metrics.detection.objects_shown import objects_shown

Float32 = NDArray[np.float32]

LooksAt: TypeAlias = Literal["boxes", "maps", "crops"]
"""What the second look knows besides scores and shapes."""

CROP_PENALTIES = (1e2, 3e2, 1e3)
"""Of the ridge on features of crops."""


@dataclass(frozen=True, eq=False)
class BoxProbability:
    """How scores become probabilities, chosen on detections of images that no fold was trained on.

    Parameters
    ----------
    calibration
        From the score alone.
    look
        From features as well; None where that leaves no fewer false detections.
    looks_at
        What these are features of: ``maps`` inside the boxes, ``crops`` of the places where boxes
        are, or nothing but their scores and shapes (``boxes``).
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
    looks_at: LooksAt
    change: FalseDetectionChange | None
    detections: tuple[Detections, ...]
    error_before: float
    error_after: float
    reason: str

    def apply(
        self,
        found: Detections,
        size: tuple[int, int],
        network: NDArray[np.floating] | SeenAgain | None,
    ) -> Detections:
        """The boxes of one image with probabilities; see `with_probabilities`."""
        return with_probabilities(
            found, size, calibration=self.calibration, look=self.look, network=network
        )


def fit_box_probability(
    targets: BoxTargets,
    detections: Sequence[Detections],
    sizes: NDArray[np.integer],
    folds: NDArray[np.integer],
    *,
    features: Sequence[NDArray[np.floating]] | None = None,
    crops: Sequence[SeenAgain] | None = None,
    groups: ArrayLike | None = None,
    recall: float = 0.9,
) -> BoxProbability:
    """Calibrate scores, and use the second look where it leaves fewer false detections.

    It is used if the whole 95 % interval of the change in false detections per image, at one
    recall and over resampled images, is below 0; its probabilities are cross-fitted by image. One
    on crops has to be better in the same way than one on maps. Boxes that no crop shows keep the
    probability by their score.

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
    crops
        What a network says of crops, of each image; none by default.
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
    looking = _Looking(targets, detections, folds, groups, recall)
    rows = box_features(detections, sizes, features)
    every = np.ones(len(rows), bool)
    best = looking.better(
        _Scoring(looking.plain),
        _Attempt("boxes" if features is None else "maps", rows, every, PENALTIES),
    )
    if crops is not None:
        seen, of_crops = rows_of_all(crops)
        best = looking.better(
            best, _Attempt("crops", rows.take(seen, of_crops), seen, CROP_PENALTIES)
        )
    scores, (right, judged) = looking.scores, looking.matches.verdicts(looking.counts)
    return BoxProbability(
        calibration=fit_box_calibration(scores[judged], right[judged]),
        look=best.look,
        looks_at=best.looks_at,
        change=best.change,
        detections=tuple(rescored(detections, best.held_out)),
        error_before=detection_calibration_error(scores[judged], right[judged]),
        error_after=detection_calibration_error(best.held_out[judged], right[judged]),
        reason=best.reason,
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Attempt:
    """A second look that is tried, at those boxes that are seen."""

    looks_at: LooksAt
    rows: BoxFeatures
    seen: NDArray[np.bool_]
    penalties: Sequence[float]


@dataclass(frozen=True, eq=False, slots=True)
class _Scoring:
    """Probabilities of all boxes, held out, and how they come about."""

    held_out: Float32
    look: SecondLook | None = None
    looks_at: LooksAt = "boxes"
    change: FalseDetectionChange | None = None
    reason: str = ""


@dataclass(frozen=True, eq=False)
class _Looking:
    """Detections held out, and what each second look makes of them."""

    targets: BoxTargets
    detections: Sequence[Detections]
    folds: NDArray[np.integer]
    groups: ArrayLike | None
    recall: float

    @cached_property
    def counts(self) -> list[int]:
        return [len(found) for found in self.detections]

    @cached_property
    def scores(self) -> Float32:
        none = np.empty(0, np.float32)
        return np.concatenate([none, *(found.scores for found in self.detections)])

    @cached_property
    def matches(self) -> Matches:
        return match_detections(self.targets, self.detections, overlaps=(0.5,))

    @cached_property
    def plain(self) -> Float32:
        """By the calibration of scores, cross-fitted."""
        right, judged = self.matches.verdicts(self.counts)
        own = self.folds[np.repeat(np.arange(len(self.counts)), self.counts)]
        return _cross_fitted(self.scores, right, judged, own)

    def better(self, best: _Scoring, attempt: _Attempt) -> _Scoring:
        """The attempt where it does better than scores and than the best yet."""
        right, judged = self.matches.verdicts(self.counts)
        seen = attempt.seen
        try:
            fit = fit_second_look(
                attempt.rows,
                objects_shown(self.matches, self.counts)[seen],
                right[seen],
                judged[seen],
                folds=self.folds,
                n_classes=len(self.targets.labels),
                penalties=attempt.penalties,
            )
        except DataError as error:
            return replace(best, reason=best.reason or error.message)
        held_out = self.plain.copy()
        held_out[seen] = fit.held_out
        change = self._change(self.detections, held_out)
        used = change.better and (
            best.look is None
            or self._change(rescored(self.detections, best.held_out), held_out).better
        )
        reason = _reason(change, attempt.looks_at)
        if used:
            return _Scoring(held_out, fit.look, attempt.looks_at, change, reason)
        return best if best.look is not None else replace(best, change=change, reason=reason)

    def _change(self, before: Sequence[Detections], after: Float32) -> FalseDetectionChange:
        return compare_scorings(
            self.targets,
            before,
            rescored(self.detections, after),
            recall=self.recall,
            groups=self.groups,
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


def _reason(change: FalseDetectionChange, looks_at: LooksAt) -> str:
    """One sentence with the numbers."""
    numbers = (
        f"{change.after:.2f} false detections per image instead of {change.before:.2f} at a recall "
        f"of {change.recall:.2f} (95 % interval of the difference {change.low:.2f} to "
        f"{change.high:.2f})"
    )
    look = "The second look, at a crop of each box," if looks_at == "crops" else "The second look"
    if change.fewer:
        return f"{look} is used: it leaves {numbers}."
    if change.better:
        gain = f"{change.precision:.3f} ({change.precision_low:.3f} to {change.precision_high:.3f})"
        return f"{look} is used: it raises AP50 by {gain}, and leaves {numbers}."
    return f"{look} is not used: it would leave {numbers}."
