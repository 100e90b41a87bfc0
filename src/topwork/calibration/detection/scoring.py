"""Probabilities of the boxes of one image in place of scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.detection.box_calibration import BoxCalibration
from topwork.calibration.detection.box_features import box_features
from topwork.calibration.detection.second_look import SecondLook
from topwork.calibration.detection.seen_again import SeenAgain
from topwork.metrics.detection.detections import Detections


def with_probabilities(
    found: Detections,
    size: tuple[int, int],
    *,
    calibration: BoxCalibration,
    look: SecondLook | None,
    network: NDArray[np.floating] | SeenAgain | None,
) -> Detections:
    """The boxes of one image with probabilities in place of scores, in their new order.

    Parameters
    ----------
    found
        m boxes.
    size
        Width and height of the image in pixels.
    calibration
        For boxes that the second look doesn't see.
    look
        None for the calibration alone.
    network
        What a network says of each box, (m, f), or of crops; None where the second look was fitted
        without.
    """
    plain = calibration.probabilities(found.scores)
    if look is None:
        return found.rescored(plain)
    if not isinstance(network, SeenAgain):
        rows = box_features([found], np.array([size]), None if network is None else [network])
        return found.rescored(look.probabilities(rows))
    seen = network.seen
    if seen.any():
        rows = box_features([found], np.array([size])).take(seen, network.rows())
        plain = np.where(seen, 0, plain)
        plain[seen] = look.probabilities(rows)
    return found.rescored(plain)
