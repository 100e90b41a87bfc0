"""How far the probabilities of boxes are from the share of them that is right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError


def detection_calibration_error(
    probabilities: NDArray[np.floating],
    right: NDArray[np.bool_],
    *,
    positions: NDArray[np.floating] | None = None,
    bins: int | None = None,
    fewest: int = 8,
) -> float:
    """Detection expected calibration error (D-ECE): Σ share · \\|share right − mean probability\\|.

    Detections are put into bins of equal width by their probability and, if given, by where and
    how large they are; bins with few detections are left out, as they say nothing.

    Parameters
    ----------
    probabilities
        That each detection is right, (m,).
    right
        Whether it is, (m,); detections on ignored objects are to be left out.
    positions
        Other quantities, each from 0 to 1, (m, p): centre, width and height over those of the
        image.
    bins
        Bins of each quantity; 20 for the probability alone, 5 with positions.
    fewest
        Detections that a bin needs.

    Raises
    ------
    ParameterError
        Lengths differ.

    References
    ----------
    Küppers, Kronenberger, Shantia and Haselhoff 2020, Multivariate confidence calibration for
    object detection, eq. 5 and 6.

    Examples
    --------
    >>> detection_calibration_error(np.full(100, 0.9), np.arange(100) < 60).__round__(2)
    0.3
    """
    p = np.asarray(probabilities, dtype=np.float64)
    columns = p[:, None] if positions is None else np.column_stack([p, positions])
    if len(right) != len(columns):
        raise ParameterError(
            f"right has {len(right)} entries, expected {len(columns)}.",
            remedy="Give one for each detection.",
        )
    if len(p) == 0:
        return 0.0
    each = bins or (20 if positions is None else 5)
    cells = np.clip((columns * each).astype(np.int64), 0, each - 1)
    _, cell, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    cell = cell.reshape(-1)
    gaps = np.abs(np.bincount(cell, right - p, len(counts)))
    kept = counts >= min(fewest, len(p))
    return float(gaps[kept].sum() / counts[kept].sum()) if kept.any() else 0.0
