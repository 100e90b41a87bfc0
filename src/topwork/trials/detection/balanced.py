"""The threshold of a detector that nobody asked a promise of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from topwork.data import BoxTargets
from topwork.metrics.detection.detections import Detections
from topwork.metrics.detection.matching import match_detections


def balanced_threshold(targets: BoxTargets, detections: Sequence[Detections]) -> float:
    """The score with the best harmonic mean of precision and recall on images held out.

    Parameters
    ----------
    targets, detections
        Of n images.

    Examples
    --------
    >>> from topwork.data import ImageBoxes
    >>> targets = BoxTargets(("ace",), (ImageBoxes.of([(0, 0, 9, 9)], [0]),))
    >>> found = Detections.of([[0, 0, 9, 9], [20, 20, 29, 29]], [0, 0], [0.75, 0.25])
    >>> balanced_threshold(targets, [found])
    0.75
    """
    matches = match_detections(targets, detections)
    scores, right, ignored = matches.flat.scores, matches.right[0], matches.ignored[0]
    order = np.argsort(-scores, kind="stable")
    order = order[~ignored[order]]
    if not len(order):
        return 0.5
    found = np.cumsum(right[order])
    f1 = 2 * found / (np.arange(1, len(order) + 1) + matches.objects().sum())
    return float(scores[order[int(f1.argmax())]])
