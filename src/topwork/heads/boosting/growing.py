"""Growing an ensemble of trees by gradient boosting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.boosting.trees import LEAF, Trees

MAX_ITERATIONS: Final = 200
LEARNING_RATE: Final = 0.1

_MIN_IN_A_LEAF: Final = 20
_LEAVES: Final = 31
_FEW: Final = 2000
_LEAVES_OF_FEW: Final = 8
"""Rows below which trees have fewer leaves, which costs nothing elsewhere and overfits less."""

_MANY_CELLS: Final = 1_000_000
"""Rows times features below which threads cost more than they save, most of all where other
programs run: they wait for each other at every node."""


@dataclass(frozen=True, eq=False, slots=True)
class Grown:
    """Trees as scikit-learn grew them.

    Parameters
    ----------
    estimator
        ``HistGradientBoostingClassifier`` or ``HistGradientBoostingRegressor``.
    width
        Features of a row.
    """

    estimator: Any
    width: int

    def staged(self, X: ArrayLike) -> Iterator[NDArray[np.float64]]:
        """Outputs ``(n, k)`` of rows ``(n, d)`` after each iteration."""
        rows = np.asarray(X, np.float32)
        if hasattr(self.estimator, "staged_decision_function"):
            found = self.estimator.staged_decision_function(rows)
        else:
            found = self.estimator.staged_predict(rows)
        with threads_for(rows):
            for one in found:
                yield np.asarray(one, np.float64).reshape(len(rows), -1)

    def outputs(self, X: ArrayLike) -> NDArray[np.float64]:
        """The same after the last."""
        rows = np.asarray(X, np.float32)
        of = getattr(self.estimator, "decision_function", self.estimator.predict)
        with threads_for(rows):
            return np.asarray(of(rows), np.float64).reshape(len(rows), -1)

    def trees(self) -> Trees:
        """The same as arrays."""
        nodes = [tree.nodes for trees in self.estimator._predictors for tree in trees]
        every = np.concatenate(nodes)
        is_leaf = every["is_leaf"].astype(bool)
        return Trees(
            feature=np.where(is_leaf, LEAF, every["feature_idx"]).astype(np.int32),
            threshold=np.where(is_leaf, 0.0, every["num_threshold"]).astype(np.float64),
            left=np.where(is_leaf, 0, every["left"]).astype(np.int32),
            right=np.where(is_leaf, 0, every["right"]).astype(np.int32),
            value=np.where(is_leaf, every["value"], 0.0).astype(np.float64),
            first=np.cumsum([0, *map(len, nodes[:-1])]).astype(np.int64),
            baseline=np.asarray(self.estimator._baseline_prediction, np.float64).reshape(-1),
            width=np.array([self.width], np.int64),
        )


def grow_trees(
    X: ArrayLike,
    targets: NDArray[Any],
    *,
    classes: bool,
    iterations: int = MAX_ITERATIONS,
    seed: int = 0,
) -> Grown:
    """Boosted trees with histograms of at most 255 values per feature.

    Outputs are the log odds of the second of two classes, a logit of each of more, or a number.

    Parameters
    ----------
    X
        Rows ``(n, d)`` without missing numbers.
    targets
        ``(n,)``: numbers, or codes of classes from 0 of which each is there.
    classes
        Whether they are classes.
    iterations
        Trees for each output.

    References
    ----------
    Friedman 2001, Greedy function approximation: a gradient boosting machine. Ke et al. 2017,
    LightGBM: a highly efficient gradient boosting decision tree (histograms).

    Examples
    --------
    >>> X = np.arange(100.0).reshape(-1, 1)
    >>> grown = grow_trees(X, (X[:, 0] > 50).astype(int), classes=True, iterations=5)
    >>> bool(np.abs(grown.trees().outputs(X) - grown.outputs(X)).max() < 1e-9)
    True
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    rows = np.asarray(X, np.float32)
    made = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    estimator = made(
        max_iter=iterations,
        learning_rate=LEARNING_RATE,
        max_leaf_nodes=_LEAVES_OF_FEW if len(rows) < _FEW else _LEAVES,
        min_samples_leaf=min(_MIN_IN_A_LEAF, max(2, len(rows) // 8)),
        early_stopping=False,
        random_state=seed,
    )
    with threads_for(rows):
        estimator.fit(rows, targets)
    return Grown(estimator, rows.shape[1])


def threads_for(rows: NDArray[np.floating]) -> Any:
    """As many threads as rows ``(n, d)`` are worth, for what happens within."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1 if rows.size < _MANY_CELLS else None, user_api="openmp")
