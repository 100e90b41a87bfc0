"""How much each item counts in a fit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError
from topwork.settings.choices import ClassWeight


def item_weights(
    codes: NDArray[np.integer],
    n_classes: int,
    class_weight: ClassWeight,
    sample_weight: NDArray[np.floating] | None = None,
) -> NDArray[np.float64]:
    """Weights (n,) with mean 1: as many items as each stands for, or the same total a class.

    Parameters
    ----------
    codes
        Class of each item, (n,), from 0 to k - 1.
    n_classes
        k.
    class_weight
        None, or ``"balanced"``: n / (classes present × items of the class).
    sample_weight
        (n,), how many items each one stands for; 1 by default.

    Examples
    --------
    >>> item_weights(np.array([0, 0, 0, 1]), 2, "balanced").round(2).tolist()
    [0.67, 0.67, 0.67, 2.0]
    >>> item_weights(np.array([0, 1, 1]), 2, None, np.array([4.0, 1.0, 1.0])).tolist()
    [2.0, 0.5, 0.5]
    """
    if class_weight not in {None, "balanced"}:
        raise ParameterError(
            f"class_weight is {class_weight!r}, expected None or 'balanced'.",
            remedy="Give one of the two.",
        )
    weights = (
        np.ones(len(codes)) if sample_weight is None else np.asarray(sample_weight, np.float64)
    )
    if class_weight == "balanced":
        weights = weights / np.bincount(codes, weights=weights, minlength=n_classes)[codes]
    total = weights.sum()
    return weights * len(codes) / total if total > 0 else weights
