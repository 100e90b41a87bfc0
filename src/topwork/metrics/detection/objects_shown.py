"""What boxes show, whatever class they claim."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topwork.metrics.detection.flat import overlapping
from topwork.metrics.detection.matching import Matches


def objects_shown(
    matches: Matches, counts: Sequence[int], *, least: float = 0.5
) -> NDArray[np.int64]:
    """Class of the object that each box overlaps most, k where none by at least ``least``, (m,).

    Parameters
    ----------
    matches
        Detections with their objects.
    counts
        Detections of each image, (n,), which is the order of the result.
    least
        Smallest intersection over union.

    Examples
    --------
    >>> from topwork.data.targets.boxes import BoxTargets, ImageBoxes
    >>> from topwork.metrics.detection import Detections, match_detections
    >>> targets = BoxTargets(("cat", "dog"), (ImageBoxes.of([(0, 0, 10, 10)], [0]),))
    >>> found = Detections.of([(0, 0, 10, 9), (50, 50, 60, 60)], [1, 0], [0.9, 0.8])
    >>> objects_shown(match_detections(targets, [found]), [2]).tolist()
    [0, 2]
    """
    flat = matches.flat
    pairs = overlapping(flat, least, same_class=False)
    order = np.argsort(pairs.overlap, kind="stable")
    own = np.full(len(flat.scores), flat.n_classes, dtype=np.int64)
    own[pairs.detection[order]] = flat.objects.classes[pairs.item[order]]
    begins = np.cumsum([0, *counts])
    shown = np.full(int(begins[-1]), flat.n_classes, dtype=np.int64)
    shown[begins[flat.found.image] + flat.rows] = own
    return shown
