"""A linear head that answers alike for neighbours and unlike for others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from topwork.heads.domain.unlabelled import UnlabelledHead
from topwork.heads.linear import softmax

if TYPE_CHECKING:
    from scipy.sparse import csr_array

DISPERSION = 2.0
_ITERATIONS = 50

Float32 = NDArray[np.float32]


def attract_and_disperse(
    X: Float32,
    weight: Float32,
    bias: Float32,
    graph: csr_array,
    *,
    priors: NDArray[np.floating] | None = None,
    dispersion: float = DISPERSION,
) -> Float32:
    """Logits ``(m, k)`` after a head was moved so that neighbours are answered alike.

    Minimises ``−Σᵢⱼ Gᵢⱼ pᵢ·pⱼ / ΣG + λ Σc p̄c² / (k qc)``: neighbours attract each other, and all
    items together are dispersed over the classes by their priors q. With equal priors the second
    term is the mean product of any two items.

    Parameters
    ----------
    X
        Unlabelled features, standardised, ``(m, d)``.
    weight, bias
        The head to start from, on these features, ``(d, k)`` and ``(k,)``.
    graph
        Similarities of neighbours, G, ``(m, m)``, symmetric.
    priors
        Of the classes, ``(k,)``; equal by default.
    dispersion
        λ.

    References
    ----------
    Yang, Wang, Wang, Jui and van de Weijer 2022, Attracting and dispersing: a simple approach for
    source-free domain adaptation, equation 5.
    """
    k = len(bias)
    q = np.full(k, 1 / k) if priors is None else np.asarray(priors, np.float64)
    head = UnlabelledHead(X, weight, bias)
    head.minimise(_Attraction(graph, q, dispersion), iterations=_ITERATIONS)
    return head.logits


class _Attraction:
    """Loss and slope for logits ``(m, k)``."""

    def __init__(self, graph: csr_array, priors: NDArray[np.float64], dispersion: float) -> None:
        self._graph = (graph / max(float(graph.sum()), 1e-12)).astype(np.float32)
        self._scale = (dispersion / (len(priors) * np.maximum(priors, 1e-4))).astype(np.float32)

    def __call__(self, logits: Float32) -> tuple[float, Float32]:
        m = len(logits)
        p = softmax(logits)
        near = np.asarray(self._graph @ p, np.float32)
        mean = p.mean(axis=0)
        loss = float((self._scale * mean**2).sum() - (p * near).sum())
        by_p = 2 * self._scale * mean / m - 2 * near
        slope = p * (by_p - (p * by_p).sum(axis=1, keepdims=True))
        return loss, slope.astype(np.float32)
