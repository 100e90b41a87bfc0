"""The heads as scikit-learn estimators. Importing this file imports scikit-learn."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from topwork.errors import ParameterError
from topwork.heads.centroid import SCALE, fit_centroid
from topwork.heads.folds import stratified_folds
from topwork.heads.linear import LinearHead, softmax
from topwork.heads.logistic import LogisticPath, LogisticProblem
from topwork.heads.penalty import DEFAULT_C, choose_penalty
from topwork.heads.ridge import fit_ridge
from topwork.settings.choices import ClassWeight

_FLOATS = [np.float32, np.float64, np.float16]


class HeadClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """What the heads share: labels to codes before the fit, linear scores after it."""

    classes_: NDArray[Any]
    linear_: LinearHead

    def _encoded(self, X: ArrayLike, y: ArrayLike) -> tuple[NDArray[Any], NDArray[np.intp]]:
        """Validated features (n, d) and codes (n,); sets ``classes_``."""
        features, labels = validate_data(self, X, y, dtype=_FLOATS)
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__} needs samples of at least 2 classes, "
                f"but the data contains only one class: {self.classes_[0]!r}."
            )
        return features, codes

    @property
    def coef_(self) -> NDArray[np.float32]:
        """Weights, (k, d)."""
        return self.linear_.weight.T

    @property
    def intercept_(self) -> NDArray[np.float32]:
        """Biases, (k,)."""
        return self.linear_.bias

    def _logits(self, X: ArrayLike) -> NDArray[np.float32]:
        check_is_fitted(self)
        return self.linear_.logits(validate_data(self, X, reset=False, dtype=_FLOATS))

    def decision_function(self, X: ArrayLike) -> NDArray[np.float32]:
        """Logits (n, k) of X (n, d); for two classes their difference, (n,)."""
        logits = self._logits(X)
        return logits[:, 1] - logits[:, 0] if logits.shape[1] == 2 else logits

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Class of each row of X (n, d)."""
        best = self._logits(X).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[best]
        return labels


class ProbabilisticHead(HeadClassifier):
    """A head whose logits are meant for a softmax."""

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Probabilities (n, k) of X (n, d)."""
        return softmax(self._logits(X))


class LogisticHead(ProbabilisticHead):
    """Multinomial logistic regression on L2-normalised features.

    Parameters
    ----------
    C
        Inverse strength of the penalty, as in scikit-learn with a symmetric softmax; ``"auto"``
        chooses it by cross-validated log loss on the training data, and is 30 where most of the
        classes have a single item.
    class_weight
        None or ``"balanced"``.
    n_folds
        Folds of that cross-validation; fewer where there are fewer items or groups.
    seed
        Of the folds.

    Attributes
    ----------
    C_ : float
        The penalty used.
    linear_ : LinearHead
        The fitted head as plain arrays.
    coef_, intercept_, classes_, n_features_in_
        As in scikit-learn.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> bool(LogisticHead().fit(X, y).score(X, y) > 0.95)
    True
    """

    def __init__(
        self,
        *,
        C: float | Literal["auto"] = "auto",
        class_weight: ClassWeight = None,
        n_folds: int = 5,
        seed: int = 0,
    ) -> None:
        self.C = C
        self.class_weight = class_weight
        self.n_folds = n_folds
        self.seed = seed

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Fit on X (n, d) and labels y (n,); ``groups`` (n,) stay whole in the choice of C."""
        if self.C != "auto" and not (isinstance(self.C, int | float) and 0 < self.C < np.inf):
            raise ParameterError(
                f"C is {self.C!r}, expected a number above 0 or 'auto'.",
                remedy="Give C='auto', or for example C=30.",
            )
        features, codes = self._encoded(X, y)
        problem = LogisticProblem.prepare(
            features, codes, len(self.classes_), class_weight=self.class_weight
        )
        self.C_ = self._chosen(problem, groups) if self.C == "auto" else float(self.C)
        self.linear_ = problem.linear(LogisticPath(problem).reach(self.C_))
        return self

    def _chosen(self, problem: LogisticProblem, groups: ArrayLike | None) -> float:
        if groups is not None and len(np.unique(np.asarray(groups))) < 2:
            return DEFAULT_C
        folds = stratified_folds(problem.codes, n_folds=self.n_folds, groups=groups, seed=self.seed)
        return choose_penalty(problem, folds)


class CentroidHead(ProbabilisticHead):
    """Nearest class mean by cosine, on centred L2-normalised features.

    Parameters
    ----------
    scale
        Factor on the cosines before the softmax.

    Attributes
    ----------
    linear_ : LinearHead
        The fitted head as plain arrays.
    coef_, intercept_, classes_, n_features_in_
        As in scikit-learn.

    Examples
    --------
    >>> CentroidHead().fit([[1.0, 0.0], [0.0, 1.0]], ["a", "b"]).predict([[2.0, 1.0]]).tolist()
    ['a']
    """

    def __init__(self, *, scale: float = SCALE) -> None:
        self.scale = scale

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit on X (n, d) and labels y (n,)."""
        if not self.scale > 0:
            raise ParameterError(
                f"scale is {self.scale!r}, expected a number above 0.",
                remedy="Give for example 10.",
            )
        features, codes = self._encoded(X, y)
        self.linear_ = fit_centroid(features, codes, len(self.classes_), scale=self.scale)
        return self


class RidgeHead(HeadClassifier):
    """Ridge regression of one-hot classes; the largest score wins.

    It has no ``predict_proba``: its scores are not probabilities.

    Parameters
    ----------
    alphas
        Penalties to choose from by leave-one-out squared error; None for 25 around the scale of
        the data.
    class_weight
        None or ``"balanced"``.
    normalise
        Scale rows to length 1 first.

    Attributes
    ----------
    alpha_ : float
        The penalty chosen.
    alphas_, errors_ : ndarray
        All penalties and their held-out squared errors.
    held_out_ : ndarray of shape (n, k)
        Scores of the training items, each from the fit without it (or its group).
    linear_ : LinearHead
        The fitted head as plain arrays.
    coef_, intercept_, classes_, n_features_in_
        As in scikit-learn.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> bool(RidgeHead(normalise=False).fit(X, y).score(X, y) > 0.8)
    True
    """

    def __init__(
        self,
        *,
        alphas: ArrayLike | None = None,
        class_weight: ClassWeight = None,
        normalise: bool = True,
    ) -> None:
        self.alphas = alphas
        self.class_weight = class_weight
        self.normalise = normalise

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Fit on X (n, d) and labels y (n,); ``groups`` (n,) are left out whole."""
        features, codes = self._encoded(X, y)
        fitted = fit_ridge(
            features,
            codes,
            len(self.classes_),
            alphas=self.alphas,
            groups=groups,
            class_weight=self.class_weight,
            normalise=self.normalise,
        )
        self.alpha_, self.alphas_, self.errors_ = fitted.alpha, fitted.alphas, fitted.errors
        self.held_out_, self.linear_ = fitted.held_out, fitted.head
        return self
