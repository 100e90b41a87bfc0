"""How much each item counts in a fit."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError

ClassWeight = Literal["balanced"] | None


def item_weights(
    codes: NDArray[np.integer], n_classes: int, class_weight: ClassWeight
) -> NDArray[np.float64]:
    """Weights (n,) with mean 1: all ones, or the same total for every class present.

    Parameters
    ----------
    codes
        Class of each item, (n,), from 0 to k - 1.
    n_classes
        k.
    class_weight
        None, or ``"balanced"``: n / (classes present × items of the class).

    Examples
    --------
    >>> item_weights(np.array([0, 0, 0, 1]), 2, "balanced").round(2).tolist()
    [0.67, 0.67, 0.67, 2.0]
    """
    if class_weight is None:
        return np.ones(len(codes))
    if class_weight != "balanced":
        raise ParameterError(
            f"class_weight is {class_weight!r}, expected None or 'balanced'.",
            remedy="Give one of the two.",
        )
    counts = np.bincount(codes, minlength=n_classes)
    share = np.count_nonzero(counts) * np.maximum(counts, 1)
    weights: NDArray[np.float64] = len(codes) / share[codes]
    return weights
