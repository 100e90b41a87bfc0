"""A linear head trained to maximise mutual information on unlabelled items (InfoMax)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.heads.domain.prototypes import prototype_labels
from topwork.heads.domain.unlabelled import UnlabelledHead
from topwork.heads.linear import normalise_rows, softmax

ROUNDS = 8
"""How often pseudo-labels are made anew."""
_ITERATIONS = 8
_PSEUDO_WEIGHT = 0.3
_TINY = 1e-9

Float32 = NDArray[np.float32]


def maximise_information(
    X: Float32,
    weight: Float32,
    bias: Float32,
    *,
    priors: NDArray[np.floating] | None = None,
    rounds: int = ROUNDS,
    pseudo_weight: float = _PSEUDO_WEIGHT,
) -> Float32:
    """Logits ``(m, k)`` after a head was moved to maximise the mutual information.

    Minimises the mean entropy of the answers plus the Kullback-Leibler divergence of the mean
    answer from the class priors, plus the cross entropy with pseudo-labels of class prototypes.
    With equal priors that is the mean entropy minus the entropy of the mean answer. SHOT trains a
    bottleneck before a frozen classifier; without an activation between them both are one linear
    map, so that the map itself is trained here.

    Parameters
    ----------
    X
        Unlabelled features, standardised, ``(m, d)``.
    weight, bias
        The head to start from, on these features, ``(d, k)`` and ``(k,)``.
    priors
        Of the classes, ``(k,)``; equal by default.

    References
    ----------
    Liang, Hu and Feng 2020, Do we really need to access the source data?, equations 3, 5 and 6.
    """
    k = len(bias)
    q = np.full(k, 1 / k) if priors is None else np.asarray(priors, np.float64)
    head, directions = UnlabelledHead(X, weight, bias), normalise_rows(X)
    for _ in range(rounds):
        labels = prototype_labels(directions, softmax(head.logits))
        targets = np.eye(k, dtype=np.float32)[labels]
        head.minimise(_Information(targets, q, pseudo_weight), iterations=_ITERATIONS)
    return head.logits


class _Information:
    """Loss and slope for logits ``(m, k)``."""

    def __init__(self, targets: Float32, priors: NDArray[np.float64], pseudo_weight: float) -> None:
        self._targets, self._pseudo = targets, pseudo_weight
        self._log_priors = np.log(priors + _TINY).astype(np.float32)

    def __call__(self, logits: Float32) -> tuple[float, Float32]:
        m = len(logits)
        p = softmax(logits)
        logs = np.log(p + _TINY)
        entropy = -(p * logs).sum(axis=1, keepdims=True)
        mean = p.mean(axis=0)
        mean_logs = np.log(mean + _TINY) - self._log_priors
        loss = float(entropy.mean() + (mean * mean_logs).sum())
        loss -= self._pseudo * float((self._targets * logs).sum()) / m
        slope = -p * (logs + entropy)
        slope += p * (mean_logs - (p * mean_logs).sum(axis=1, keepdims=True))
        slope += self._pseudo * (p - self._targets)
        return loss, (slope / m).astype(np.float32)
