"""Closed-form and linear heads on arrays. The estimators load scikit-learn when first named."""

from typing import TYPE_CHECKING, Any

from topwork.heads.centroid import fit_centroid
from topwork.heads.folds import stratified_folds
from topwork.heads.linear import LinearHead, normalise_rows, softmax
from topwork.heads.logistic import LogisticPath, LogisticProblem, fit_logistic
from topwork.heads.penalty import choose_penalty
from topwork.heads.ridge import (
    RidgeFit,
    RidgeProblem,
    fit_ridge,
    leave_one_group_out,
    leave_one_out,
    solve_ridge,
)
from topwork.heads.self_training import SelfTraining, fit_self_training
from topwork.heads.weights import item_weights
from topwork.settings.choices import ClassWeight

if TYPE_CHECKING:
    from topwork.heads.estimators import CentroidHead, LogisticHead, RidgeHead

__all__ = [
    "CentroidHead",
    "ClassWeight",
    "LinearHead",
    "LogisticHead",
    "LogisticPath",
    "LogisticProblem",
    "RidgeFit",
    "RidgeHead",
    "RidgeProblem",
    "SelfTraining",
    "choose_penalty",
    "fit_centroid",
    "fit_logistic",
    "fit_ridge",
    "fit_self_training",
    "item_weights",
    "leave_one_group_out",
    "leave_one_out",
    "normalise_rows",
    "softmax",
    "solve_ridge",
    "stratified_folds",
]

_ESTIMATORS = ("CentroidHead", "LogisticHead", "RidgeHead")


def __getattr__(name: str) -> Any:
    if name in _ESTIMATORS:
        from topwork.heads import estimators

        return getattr(estimators, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
