"""A linear head whose answers confuse classes little on unlabelled items."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.heads.domain.unlabelled import UnlabelledHead
from topwork.heads.linear import softmax

TEMPERATURE = 2.5
_ITERATIONS = 50
_TINY = 1e-9

Float32 = NDArray[np.float32]


def minimise_class_confusion(
    X: Float32, weight: Float32, bias: Float32, *, temperature: float = TEMPERATURE
) -> Float32:
    """Logits ``(m, k)`` after a head was moved so that few items are torn between two classes.

    Minimises the mass off the diagonal of the class correlation ``Pᵀ W P`` with rows that sum to 1,
    where P are probabilities at a temperature and certain items weigh more.

    Parameters
    ----------
    X
        Unlabelled features, standardised, ``(m, d)``.
    weight, bias
        The head to start from, on these features, ``(d, k)`` and ``(k,)``.

    References
    ----------
    Jin, Wang, Long and Wang 2020, Minimum class confusion for versatile domain adaptation,
    equations 2 to 6.
    """
    head = UnlabelledHead(X, weight, bias)
    head.minimise(_Confusion(temperature), iterations=_ITERATIONS)
    return head.logits


class _Confusion:
    """Loss and slope for logits ``(m, k)``."""

    def __init__(self, temperature: float) -> None:
        self._temperature = np.float32(temperature)

    def __call__(self, logits: Float32) -> tuple[float, Float32]:
        m, k = logits.shape
        p = softmax(logits / self._temperature)
        entropy = -(p * np.log(p + _TINY)).sum(axis=1, keepdims=True)
        weights = 1 + np.exp(-entropy)
        weights *= m / weights.sum()  # a constant to the gradient, as in the paper
        correlation = p.T @ (weights * p) / m
        rows, own = correlation.sum(axis=1) + _TINY, np.diag(correlation)
        by_correlation = np.tile((own / rows**2)[:, None], (1, k))
        by_correlation[np.diag_indices(k)] -= 1 / rows
        by_correlation /= k
        by_p = weights * (p @ (by_correlation + by_correlation.T)) / m
        slope = p * (by_p - (p * by_p).sum(axis=1, keepdims=True)) / self._temperature
        return float(1 - (own / rows).mean()), slope.astype(np.float32)
