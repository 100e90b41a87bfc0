"""The probability that a detected box is right, from its score."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.detection.newton import fit_weights, sigmoid
from topwork.errors import ParameterError
from topwork.metrics.records import Record

Float64 = NDArray[np.float64]
#: Scores are kept this far from 0 and 1.
_SMALLEST = 1e-6
#: How firmly scores are believed to be probabilities already, as a penalty on the change of each
#: coefficient.
PRIOR_STRENGTH = 4.0


class BoxCalibration(Record):
    """``log odds = rise · log s − fall · log(1 − s) + shift`` of a detection with score s.

    Parameters
    ----------
    rise, fall
        How fast the log odds grow at low and at high scores, 0 or more; both 1 leave scores as
        they are.
    shift
        What is added to all log odds.
    n_detections
        Detections that it was fitted on.

    Examples
    --------
    >>> calibration = BoxCalibration(rise=1, fall=1, shift=-1, n_detections=100)
    >>> round(float(calibration.probabilities(np.array([0.5]))[0]), 3)
    0.269
    """

    rise: float
    fall: float
    shift: float
    n_detections: int

    def probabilities(self, scores: NDArray[np.floating]) -> NDArray[np.float32]:
        """That detections with these scores (m,) are right; in the order of the scores."""
        odds = _columns(scores) @ np.array([self.rise, self.fall, self.shift])
        return sigmoid(odds).astype(np.float32)


def fit_box_calibration(
    scores: NDArray[np.floating], right: NDArray[np.bool_], *, strength: float = PRIOR_STRENGTH
) -> BoxCalibration:
    """Beta calibration of the scores of held-out detections.

    It minimises ``Σ log loss + strength/2 ‖coefficients − (1, 1, 0)‖²``: with few detections
    scores stay as they are. Where a coefficient would be negative it is 0, so that the order of
    scores is kept.

    Parameters
    ----------
    scores
        (m,), from 0 to 1, of detections that no fold was trained on.
    right
        Whether each is right, (m,); detections on ignored objects are to be left out.
    strength
        Of the penalty.

    Raises
    ------
    ParameterError
        Lengths differ.

    References
    ----------
    Kull, Silva Filho and Flach 2017, Beta calibration: a well-founded and easily implemented
    improvement on logistic calibration for binary classifiers, §3.

    Examples
    --------
    >>> scores = np.repeat([0.2, 0.8], 500)
    >>> right = np.arange(1000) % 500 < np.repeat([50, 250], 500)
    >>> fit_box_calibration(scores, right).probabilities(np.array([0.2, 0.8])).round(1).tolist()
    [0.10000000149011612, 0.5]
    """
    if np.shape(scores) != np.shape(right):
        raise ParameterError(
            f"right has shape {np.shape(right)}, expected {np.shape(scores)}.",
            remedy="Give one entry for each detection.",
        )
    columns, truth = _columns(scores), np.asarray(right, dtype=np.float64)
    free = np.array([True, True, True])
    prior = np.array([1.0, 1.0, 0.0])
    while True:
        found = np.zeros(3)
        found[free] = fit_weights(
            columns[:, free],
            truth,
            strengths=np.full(int(free.sum()), strength),
            start=prior[free],
            centre=prior[free],
        )
        negative = free & (found < 0) & np.array([True, True, False])
        if not negative.any():
            break
        free[np.flatnonzero(negative)[0]] = False
    rise, fall, shift = (float(value) for value in found)
    return BoxCalibration(rise=rise, fall=fall, shift=shift, n_detections=len(truth))


def _columns(scores: NDArray[np.floating]) -> Float64:
    s = np.clip(np.asarray(scores, dtype=np.float64), _SMALLEST, 1 - _SMALLEST)
    return np.column_stack([np.log(s), -np.log1p(-s), np.ones(len(s))])
