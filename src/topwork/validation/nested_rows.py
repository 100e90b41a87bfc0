"""Nested cross-validation of the logistic head on rows that are learnt anew for every fold."""

from __future__ import annotations

import time
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.heads.linear import softmax
from topwork.heads.logistic import LogisticPath, LogisticProblem
from topwork.heads.penalty import (
    DEFAULT_C,
    PENALTIES,
    USUAL_START,
    can_choose,
    first_minimum,
    held_out_loss,
    penalty_stages,
)
from topwork.runtime.executor import run_tasks
from topwork.runtime.progress import Progress, silent
from topwork.settings.choices import ClassWeight
from topwork.validation.crossval import JudgedHead, seen_elsewhere

_INNER = 2
"""Folds that the penalty of another fold is chosen by."""

Rows = NDArray[np.intp]


class LearntRows(Protocol):
    """Features of n items that depend on the items to learn from."""

    def learnt_on(self, rows: Rows) -> NDArray[np.floating]: ...


def cross_validate_rows(
    rows: LearntRows,
    codes: NDArray[np.integer],
    n_classes: int,
    *,
    folds: NDArray[np.integer],
    class_weight: ClassWeight = None,
    progress: Progress = silent,
) -> JudgedHead:
    """Judge the logistic head on every fold, and fit it on all items.

    The rows of a fold and the penalty are learnt from the other folds alone: the penalty by the two
    that follow. The fit on all items takes the median. Rows are taken as they are, of whatever
    length.

    Parameters
    ----------
    rows
        Give ``(n, d)``.
    codes, folds
        Class and fold of each item, ``(n,)``.
    """
    begun = time.perf_counter()
    names = np.unique(folds)
    search = len(names) > _INNER and can_choose(codes, folds)
    prepare = partial(_prepared, rows, codes, n_classes, class_weight)
    fit = partial(_of_fold, prepare, folds, names, search)
    found = run_tasks(fit, [int(name) for name in names], progress)
    logits = np.empty((len(codes), n_classes), np.float32)
    for name, (own, _) in zip(names, found, strict=True):
        logits[folds == name] = own
    C_of_fold = tuple(C for _, C in found)
    C = float(np.median(C_of_fold))
    problem = prepare(np.arange(len(codes)))
    linear = problem.linear(LogisticPath(problem).reach(C))
    return JudgedHead(
        head="logistic",
        linear=linear,
        logits_oof=logits,
        probabilities_oof=softmax(logits),
        seen=seen_elsewhere(codes, n_classes, folds),
        C=C,
        C_of_fold=C_of_fold,
        seconds=time.perf_counter() - begun,
    )


def _prepared(
    rows: LearntRows,
    codes: NDArray[np.integer],
    n_classes: int,
    class_weight: ClassWeight,
    part: Rows,
) -> LogisticProblem:
    features = rows.learnt_on(part)
    return LogisticProblem.prepare(
        features, codes, n_classes, class_weight=class_weight, normalise=False
    )


def _of_fold(
    prepare: partial[LogisticProblem],
    folds: NDArray[np.integer],
    names: NDArray[np.integer],
    search: bool,
    fold: int,
) -> tuple[NDArray[np.float32], float]:
    """Logits of a fold's items by a fit without it, and its penalty."""
    part = np.flatnonzero(folds != fold)
    problem = prepare(part)
    C = _chosen(problem, folds, names, fold) if search else DEFAULT_C
    fitted = LogisticPath(problem, part).reach(C)
    return problem.design[np.flatnonzero(folds == fold)] @ fitted, C


def _chosen(
    problem: LogisticProblem,
    folds: NDArray[np.integer],
    names: NDArray[np.integer],
    fold: int,
) -> float:
    """The penalty by the folds after this one."""
    place = int(np.flatnonzero(names == fold)[0])
    inner = [names[(place + i) % len(names)] for i in range(1, _INNER + 1)]
    parts = [np.flatnonzero((folds != fold) & (folds != other)) for other in inner]
    first, losses = USUAL_START - 1, list[float]()
    for _, fits in penalty_stages(problem, parts, first=first):
        losses.append(
            sum(
                held_out_loss(problem, W, fitted=part, held_out=np.flatnonzero(folds == other))
                for W, part, other in zip(fits, parts, inner, strict=True)
            )
        )
        if first_minimum(losses) is not None:
            break
    best = first_minimum(losses)
    return PENALTIES[first + (len(losses) - 1 if best is None else best)]
