"""Multinomial logistic regression of any number of rows, all folds in the same passes."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.heads.axes import PrincipalAxes
from topwork.heads.lbfgs import InverseHessian
from topwork.heads.linear import UNSEEN_LOGIT, LinearHead
from topwork.heads.streaming.moments import moments, summed
from topwork.heads.streaming.passes import RowRange, RowSource, in_waves, ranges
from topwork.runtime.progress import Progress, silent

Array = NDArray[np.float32]
Fitting = Generator[Array, tuple[float, Array], Array]
"""Asks for the loss and its gradient at coefficients, and returns the best."""

_ALL: Final = -1
"""In place of the fold that is left out."""

_SUFFICIENT_DECREASE = 1e-4
_LINE_STEPS = 20
TOLERANCE = 1e-5
MAX_ITERATIONS = 200


@dataclass(frozen=True, eq=False, slots=True)
class StreamedHead:
    """A logistic head, and how it does on items that it was not fitted on.

    Parameters
    ----------
    linear
        Fitted on all items.
    of_folds
        The heads without each fold.
    losses
        (n,), the log loss of each item by the head without its fold.
    predicted
        (n,), the most probable class by it.
    passes
        How often the rows were read.
    """

    linear: LinearHead
    of_folds: list[LinearHead]
    losses: NDArray[np.float32]
    predicted: NDArray[np.int32]
    passes: int


def stream_logistic(
    source: RowSource,
    codes: NDArray[np.integer],
    n_classes: int,
    *,
    folds: NDArray[np.integer],
    C: float = 30.0,
    normalise: bool = True,
    tolerance: float = TOLERANCE,
    progress: Progress = silent,
) -> StreamedHead:
    """What `fit_logistic` minimises, on all rows and without each fold.

    The fits move side by side: one pass over the rows evaluates them all, so that a division into
    five folds costs little more reading than one fit. In memory are a block of rows for each
    worker, and 16 bytes for each item.

    Parameters
    ----------
    source
        Features of n items.
    codes
        Class of each item, (n,), from 0 to k - 1.
    n_classes
        k.
    folds
        (n,), from 0 on.
    C
        Inverse strength of the penalty.
    normalise
        Whether rows are scaled to length 1 first.
    tolerance
        Stop when half the Newton decrement falls below this, in mean log loss.
    progress
        Is told of passes; how many it takes is not known before.
    """
    codes, folds = codes.astype(np.int32), folds.astype(np.int16)
    axes = _axes(source, normalise=normalise)
    n_folds = int(folds.max()) + 1
    fits: dict[int, Fitting] = {}
    counts: dict[int, NDArray[np.int64]] = {}
    for left_out in (_ALL, *range(n_folds)):
        kept = codes if left_out == _ALL else codes[folds != left_out]
        counts[left_out] = np.bincount(kept, minlength=n_classes)
        ridge = np.full((len(axes.variances) + 1, 1), 1 / (C * len(kept)), np.float32)
        ridge[-1] = 0
        fits[left_out] = _fitting(_start(axes, counts[left_out]), counts[left_out], ridge, axes,
                                  tolerance)  # fmt: skip
    tasks = ranges(codes, folds)
    asked = {left_out: next(fit) for left_out, fit in fits.items()}
    found: dict[int, Array] = {}
    passes = 1
    while asked:
        answers = _evaluated(source, tasks, asked, counts, axes, normalise=normalise)
        passes += 1
        progress(passes, max(passes, MAX_ITERATIONS))
        for left_out, answer in answers.items():
            try:
                asked[left_out] = fits[left_out].send(answer)
            except StopIteration as done:
                found[left_out] = done.value
                del asked[left_out]
    heads = {left_out: _head(axes, V, normalise=normalise) for left_out, V in found.items()}
    of_folds = [heads[fold] for fold in range(n_folds)]
    judged = list(in_waves(partial(_judged, source, of_folds, normalise), tasks))
    losses, predicted = (np.concatenate(part) for part in zip(*judged, strict=True))
    return StreamedHead(heads[_ALL], of_folds, losses, predicted, passes + 1)


def _axes(source: RowSource, *, normalise: bool) -> PrincipalAxes:
    n, d = source.shape
    nothing = np.zeros((n, 0), np.float32)
    all_of = summed(moments(source, nothing, np.zeros(n, np.int8), normalise=normalise))
    mean = all_of.x / n
    values, vectors = np.linalg.eigh(all_of.xx / n - np.outer(mean, mean))
    assert len(values) == d
    return PrincipalAxes(mean.astype(np.float32), vectors.astype(np.float32), np.maximum(values, 0))


def _start(axes: PrincipalAxes, counts: NDArray[np.int64]) -> Array:
    """Coefficients (d + 1, k) that know only how frequent the classes are."""
    start = np.zeros((len(axes.variances) + 1, len(counts)), np.float32)
    logs = np.log(counts[counts > 0])
    start[-1] = UNSEEN_LOGIT
    start[-1, counts > 0] = logs - logs.mean()
    return start


def _head(axes: PrincipalAxes, V: Array, *, normalise: bool) -> LinearHead:
    weight, bias = axes.linear(V)
    return LinearHead(weight, bias, normalise=normalise)


def _fitting(
    V: Array, counts: NDArray[np.int64], ridge: Array, axes: PrincipalAxes, tolerance: float
) -> Fitting:
    """Preconditioned L-BFGS, a pass over the rows for each evaluation."""
    share = counts / counts.sum()
    variances = np.append(axes.variances, 1.0)[:, None]
    spread = np.maximum(share * (1 - share), 1e-6)
    inverse_hessian = InverseHessian((1 / (spread * variances + ridge)).astype(np.float32))
    data_loss, gradient = yield V
    value = data_loss + _penalty(ridge, V)
    gradient = gradient + ridge * V
    for _ in range(MAX_ITERATIONS):
        direction = -inverse_hessian(gradient)
        slope = float(np.vdot(gradient, direction))
        if not slope < -2 * tolerance:
            break
        length = 1.0
        for _ in range(_LINE_STEPS):
            moved = V + np.float32(length) * direction
            data_loss, moved_gradient = yield moved
            moved_value = data_loss + _penalty(ridge, moved)
            if moved_value <= value + _SUFFICIENT_DECREASE * length * slope:
                break
            bent = moved_value - value - length * slope
            length *= min(0.5, max(0.1, -0.5 * length * slope / bent)) if bent > 0 else 0.5
        else:
            break
        moved_gradient = moved_gradient + ridge * moved
        inverse_hessian.update(moved - V, moved_gradient - gradient)
        V, value, gradient = moved, moved_value, moved_gradient
    return V


def _penalty(ridge: Array, V: Array) -> float:
    return 0.5 * float(np.vdot(ridge * V, V))


def _evaluated(
    source: RowSource,
    tasks: list[RowRange],
    asked: Mapping[int, Array],
    counts: Mapping[int, NDArray[np.int64]],
    axes: PrincipalAxes,
    *,
    normalise: bool,
) -> dict[int, tuple[float, Array]]:
    """Mean log loss and its gradient (d + 1, k) of each fit, in one pass."""
    heads = {left_out: axes.linear(V) for left_out, V in asked.items()}
    d = source.shape[1]
    k = next(iter(asked.values())).shape[1]
    losses = dict.fromkeys(asked, 0.0)
    gradients = {left_out: np.zeros((d + 1, k)) for left_out in asked}
    for part in in_waves(partial(_of_range, source, heads, normalise), tasks):
        for left_out, (loss, gradient) in part.items():
            losses[left_out] += loss
            gradients[left_out] += gradient
    found = {}
    for left_out, raw in gradients.items():
        n = counts[left_out].sum()
        centred = raw[:-1] - np.outer(axes.mean, raw[-1])
        assert axes.rotation is not None
        turned = np.vstack([axes.rotation.T @ centred, raw[-1:]]) / n
        found[left_out] = losses[left_out] / n, turned.astype(np.float32)
    return found


def _of_range(
    source: RowSource,
    heads: Mapping[int, tuple[Array, Array]],
    normalise: bool,
    rows: RowRange,
) -> dict[int, tuple[float, NDArray[np.float64]]]:
    """Sums of log losses and their gradients by weight and bias."""
    d = source.shape[1]
    losses = dict.fromkeys(heads, 0.0)
    gradients = {left_out: np.zeros((d + 1, len(bias))) for left_out, (_, bias) in heads.items()}
    weights = np.hstack([weight for weight, _ in heads.values()])
    for X, codes, folds in rows.blocks(source, normalise=normalise):
        logits = np.split(X @ weights, len(heads), axis=1)
        residuals = []
        for own, (left_out, (_, bias)) in zip(logits, heads.items(), strict=True):
            residual, loss = _softmax_residual(own + bias, codes)
            residual[folds == left_out] = 0
            losses[left_out] += float(loss[folds != left_out].sum(dtype=np.float64))
            gradients[left_out][-1] += residual.sum(axis=0, dtype=np.float64)
            residuals.append(residual)
        products = np.split(X.T @ np.hstack(residuals), len(heads), axis=1)
        for left_out, product in zip(heads, products, strict=True):
            gradients[left_out][:-1] += product
    return {left_out: (losses[left_out], gradients[left_out]) for left_out in heads}


def _softmax_residual(logits: Array, codes: NDArray[np.generic]) -> tuple[Array, Array]:
    """Probabilities less one for the own class, (b, k), and log losses, (b,)."""
    every = np.arange(len(logits))
    logits = logits - logits.max(axis=1, keepdims=True)
    own = logits[every, codes]
    probabilities = np.exp(logits)
    total = probabilities.sum(axis=1)
    probabilities /= total[:, None]
    probabilities[every, codes] -= 1
    return probabilities, np.log(total) - own


def _judged(
    source: RowSource, of_folds: list[LinearHead], normalise: bool, rows: RowRange
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Log loss of each item and its most probable class, by the head without its fold."""
    losses, predicted = [], []
    for X, codes, folds in rows.blocks(source, normalise=normalise):
        loss, best = np.zeros(len(X), np.float32), np.zeros(len(X), np.int32)
        for fold in np.unique(folds):
            here = folds == fold
            logits = X[here] @ of_folds[fold].weight + of_folds[fold].bias
            loss[here], best[here] = _softmax_residual(logits, codes[here])[1], logits.argmax(1)
        losses.append(loss)
        predicted.append(best)
    return np.concatenate(losses), np.concatenate(predicted)
