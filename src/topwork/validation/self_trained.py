"""Out-of-fold answers of a head that learns from unlabelled items, too."""

from __future__ import annotations

import time
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import ParameterError
from topwork.heads.linear import LinearHead, softmax
from topwork.heads.self_training import SelfTraining
from topwork.runtime.executor import run_large_tasks
from topwork.runtime.progress import Progress, silent
from topwork.validation.crossval import JudgedHead, seen_elsewhere


def cross_validate_self_training(
    training: SelfTraining,
    X: ArrayLike,
    codes: NDArray[np.integer],
    *,
    folds: NDArray[np.integer],
    progress: Progress = silent,
) -> tuple[JudgedHead, ...]:
    """Fit a self-trained head on all labelled items and judge it on every fold.

    The items of a held-out fold are nothing to the fits that are judged on them: neither their
    labels nor, as unlabelled ones, their features.

    Parameters
    ----------
    training
        The same n labelled items and the unlabelled ones.
    X, codes
        Labelled features (n, d) and their classes (n,).
    folds
        Of each labelled item in r divisions, (r, n).
    progress
        Told about fits done and fits expected.

    Returns
    -------
    One for each division; the fit on all items is the same.

    Raises
    ------
    ParameterError
        Shapes do not agree.

    Examples
    --------
    >>> X, codes = np.float32([[1, 0], [1, 0.1], [0, 1], [0.1, 1]]), np.array([0, 0, 1, 1])
    >>> training = SelfTraining.prepare(X, codes, X[:, ::-1] + np.float32(0.05), 2)
    >>> heads = cross_validate_self_training(training, X, codes, folds=np.array([[0, 1, 0, 1]]))
    >>> heads[0].probabilities_oof.argmax(axis=1).tolist()
    [0, 0, 1, 1]
    """
    features, n = np.asarray(X), training.n_labelled
    if folds.ndim != 2 or not len(features) == len(codes) == folds.shape[1] == n:
        raise ParameterError(
            f"X has shape {features.shape}, codes {codes.shape} and folds {folds.shape}, "
            f"expected ({n}, d), ({n},) and (r, {n}).",
            remedy="Give the labelled items that the training was prepared with.",
        )
    begun = time.perf_counter()
    n_classes = training.problem.n_classes
    tests = [[division == fold for fold in np.unique(division)] for division in folds]
    parts = [np.flatnonzero(~test) for division in tests for test in division]
    linear, *fits = run_large_tasks(partial(_fit, training), [None, *parts], progress)
    of_part = iter(fits)
    heads = []
    for division, held_out in zip(folds, tests, strict=True):
        logits = np.empty((n, n_classes), np.float32)
        for test in held_out:
            logits[test] = next(of_part).logits(features[test])
        heads.append(
            JudgedHead(
                head="self-trained",
                linear=linear,
                logits_oof=logits,
                probabilities_oof=softmax(logits),
                seen=seen_elsewhere(codes, n_classes, division),
                C=None,
                C_of_fold=(),
                seconds=time.perf_counter() - begun,
            )
        )
    return tuple(heads)


def _fit(
    training: SelfTraining, rows: NDArray[np.intp] | None, *, progress: Progress = silent
) -> LinearHead:
    head = training.fit(rows)
    progress(1, 1)
    return head
