"""A constant, a linear head and boosted trees on encoded columns, judged on the same folds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Generic, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.temperature import fit_temperature
from topwork.data import ClassTargets, NumberTargets
from topwork.heads import LinearHead, LogisticProblem
from topwork.heads.axes import principal_axes
from topwork.heads.boosting import Trees
from topwork.runtime.progress import Steps
from topwork.tasks.classification import CLASSES
from topwork.tasks.feature_rows import FixedRows
from topwork.tasks.number.nested import NestedNumbers, nested_numbers
from topwork.tasks.number.task import NUMBER
from topwork.tasks.number.transform import Transform, fit_transform
from topwork.trials.head_candidates import HeldOut, LossWords
from topwork.trials.number import HeldOutNumbers
from topwork.trials.tables.nested_trees import log_losses, nested_trees
from topwork.validation.nested import nested_fit

TableHead: TypeAlias = LinearHead | Trees
Rows = NDArray[np.float32]
Integers = NDArray[np.integer]
Float64 = NDArray[np.float64]

HeadName = Literal["constant", "linear", "boosted trees"]
LINEAR: Final = "linear"
TREES: Final = "boosted trees"
CONSTANT: Final = "constant"

CLASS_WORDS: Final = LossWords("log loss", "{:.3f}", "{:.3f}")
NUMBER_WORDS: Final = LossWords("mean absolute error", "{:.4g}", "{:.3g}")

_MIN_ROWS_OF_TREES: Final = 30
"""Rows below which no trees are grown."""

_MIN_SHARE: Final = 1e-6


class HeldOutClasses(NamedTuple):
    """Out-of-fold logits, ``(n, k)``."""

    logits: Float64


@dataclass(frozen=True, eq=False)
class TableCandidate(Generic[HeldOut]):
    """An evaluated head on encoded columns.

    Parameters
    ----------
    name, head
        What people call it, and which of ``constant``, ``linear`` and ``boosted trees`` it is.
    held_out
        Out-of-fold predictions of the n rows.
    losses
        Of each of them, ``(n,)``.
    fitted
        On all rows: logits of classes, or the number on the scale of ``transform``.
    seconds
        What it took.
    above, selectable
        Whether it has to beat the others significantly, and whether it can be used at all.
    transform, ridge
        Of numbers: the scale, and the decomposed ridge where the head is linear.
    """

    name: str
    head: HeadName
    held_out: HeldOut
    losses: Float64
    fitted: TableHead
    seconds: float
    baseline: bool = False
    above: bool = False
    selectable: bool = True
    transform: Transform | None = None
    ridge: NestedNumbers | None = None


def class_candidates(
    X: Rows, targets: ClassTargets, folds: Integers, *, seed: int, baselines: bool, steps: Steps
) -> list[TableCandidate[HeldOutClasses]]:
    """Candidates for classes, from simple to complex.

    Parameters
    ----------
    X
        Encoded columns, ``(n, d)``.
    folds
        Fold of each row, ``(n,)``. Losses are log losses at the temperature of the other folds.
    """
    codes, k = np.asarray(targets.codes, np.int64), len(targets.labels)

    def candidate(name: str, head: HeadName, fit: Callable[[], tuple[Float64, TableHead]]) -> Any:
        begun = time.monotonic()
        logits, fitted = fit()
        honest = logits if head == CONSTANT else calibrated_logits(logits, codes, folds)
        losses, seconds = log_losses(honest, codes), time.monotonic() - begun
        held_out = HeldOutClasses(logits)
        return TableCandidate(
            name, head, held_out, losses, fitted, seconds, baseline=head == CONSTANT
        )

    def trees() -> tuple[Float64, TableHead]:
        progress = steps("Boosted trees")
        found = nested_trees(X, codes, folds, n_classes=k, seed=seed, progress=progress)
        return found.outputs, found.whole

    made = []
    if baselines:
        constant = partial(_frequencies, X, targets, folds)
        made.append(candidate("class frequencies", CONSTANT, constant))
    made.append(candidate("logistic regression", LINEAR, partial(_logistic, X, codes, k, folds)))
    if len(X) >= _MIN_ROWS_OF_TREES:
        made.append(candidate(TREES, TREES, trees))
    return made


def _frequencies(X: Rows, targets: ClassTargets, folds: Integers) -> tuple[Float64, TableHead]:
    logits = np.empty((len(X), len(targets.labels)))
    for fold in np.unique(folds):
        others = targets.take(np.flatnonzero(folds != fold))
        logits[folds == fold] = np.log(np.maximum(CLASSES.constant(others), _MIN_SHARE))
    bias = np.log(np.maximum(CLASSES.constant(targets), _MIN_SHARE)).astype(np.float32)
    weight = np.zeros((X.shape[1], len(bias)), np.float32)
    return logits, LinearHead(weight, bias, normalise=False)


def _logistic(X: Rows, codes: Integers, k: int, folds: Integers) -> tuple[Float64, TableHead]:
    """Logistic regression, its penalty chosen inside each fold.

    Rows are divided by their typical length, for which the penalties that are tried are meant.
    """
    length = np.float32(max(float(np.sqrt(np.square(X).sum(axis=1).mean())), 1e-6))
    rows = X / length
    axes = principal_axes(rows)
    found = nested_fit(LogisticProblem(axes, axes.design(rows), codes, k), folds)
    linear = replace(found.linear, weight=found.linear.weight / length, normalise=False)
    return found.logits.astype(np.float64), linear


def calibrated_logits(logits: Float64, codes: Integers, folds: Integers) -> Float64:
    """Held-out logits at the temperature that those of the other folds have, ``(n, k)``."""
    found = logits.copy()
    for fold in np.unique(folds):
        own = folds == fold
        found[own] /= fit_temperature(logits[~own], codes[~own]).value
    return found


def number_candidates(
    X: Rows,
    targets: NumberTargets,
    folds: Integers,
    groups: Integers,
    *,
    seed: int,
    baselines: bool,
    steps: Steps,
) -> list[TableCandidate[HeldOutNumbers]]:
    """Candidates for numbers, from simple to complex; see `class_candidates`."""
    y = np.asarray(targets.numbers, np.float64)
    plain = fit_transform("none", y)

    def candidate(name: str, head: HeadName, fit: Callable[[], Any], begun: float) -> Any:
        predicted, fitted, transform, ridge = fit()
        losses = np.asarray(NUMBER.losses(targets, predicted)[0])
        return TableCandidate(
            name,
            head,
            HeldOutNumbers(predicted),
            losses,
            fitted,
            time.monotonic() - begun,
            baseline=head == CONSTANT,
            transform=transform,
            ridge=ridge,
        )

    def median() -> Any:
        predicted = np.empty(len(y))
        for fold in np.unique(folds):
            predicted[folds == fold] = np.median(y[folds != fold])
        bias = plain.forward([np.median(y)]).astype(np.float32)
        fitted = LinearHead(np.zeros((X.shape[1], 1), np.float32), bias, normalise=False)
        return predicted, fitted, plain, None

    def ridge() -> Any:
        progress = steps("Ridge")
        found = nested_numbers(FixedRows(X), y, folds, groups=groups, progress=progress)
        column = found.whole.column
        fitted = LinearHead(
            column.weight[:, None], np.array([column.bias], np.float32), normalise=False
        )
        return found.predicted, fitted, found.whole.transform, found

    def trees() -> Any:
        progress = steps("Boosted trees")
        z = plain.forward(y)
        found = nested_trees(X, z, folds, n_classes=None, seed=seed, progress=progress)
        return plain.backward(found.outputs[:, 0]), found.whole, plain, None

    made = []
    if baselines:
        made.append(candidate("the median", CONSTANT, median, time.monotonic()))
    made.append(candidate("ridge", LINEAR, ridge, time.monotonic()))
    if len(X) >= _MIN_ROWS_OF_TREES:
        made.append(candidate(TREES, TREES, trees, time.monotonic()))
    return made
