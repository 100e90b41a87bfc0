"""Out-of-fold answers of a head that learns from unlabelled items, too."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import ParameterError
from topwork.heads.linear import softmax
from topwork.heads.self_training import SelfTraining
from topwork.validation.crossval import JudgedHead, seen_elsewhere
from topwork.validation.nested import Progress


def cross_validate_self_training(
    training: SelfTraining,
    X: ArrayLike,
    codes: NDArray[np.integer],
    *,
    folds: NDArray[np.integer],
    progress: Progress | None = None,
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
    expected = 1 + sum(len(np.unique(division)) for division in folds)
    linear, done = training.fit(), 1
    heads = []
    for division in folds:
        logits = np.empty((n, n_classes), np.float32)
        for fold in np.unique(division):
            held_out = division == fold
            logits[held_out] = training.fit(np.flatnonzero(~held_out)).logits(features[held_out])
            done += 1
            if progress:
                progress(done, expected)
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
