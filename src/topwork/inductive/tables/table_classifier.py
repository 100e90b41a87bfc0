"""The estimator for classes of rows of a table."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from topwork.data import Dataset
from topwork.data.columns.labelled_rows import read_rows
from topwork.inductive.estimator_settings import settings_of
from topwork.inductive.tables.fitting import fit_rows
from topwork.model import Evaluation, Predictions, TableClassifierModel
from topwork.model.fitted_estimator import FittedEstimator
from topwork.settings import IntervalSettings, RunSettings, Setting, with_parameters
from topwork.settings.rows import RowSettings
from topwork.tasks.reading import interpreted


@with_parameters(moved={})
@dataclass(kw_only=True, eq=False, repr=False)
class TableClassifier(
    FittedEstimator[TableClassifierModel],
    ClassifierMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
    RunSettings,
    IntervalSettings,
    RowSettings,
):
    """Predicts a class from the columns of a table: a linear head or boosted trees.

    A constant, logistic regression and gradient-boosted trees are judged on the same folds, in
    which equal rows stay together; the simplest within one standard error of the smallest log loss
    is used.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    model_
        The fitted :class:`topwork.model.TableClassifierModel`.
    result_
        Scores with intervals, columns that are used and left out, seconds.
    classes_
        The k labels, in the order of the probabilities.

    Examples
    --------
    >>> import topwork as tw
    >>> table = {"age": [20 + i // 2 for i in range(40)], "city": ["Bern", "Chur"] * 20}
    >>> classifier = tw.TableClassifier().fit(table, ["young"] * 20 + ["old"] * 20)
    >>> str(classifier.predict({"age": [21], "city": ["Bern"]})[0])
    'young'
    """

    verbose: Annotated[bool, Setting("Whether ``fit`` prints its progress.")] = False

    def fit(
        self, X: Any, y: Any = None, *, groups: Any = None, without: Sequence[str] = ()
    ) -> Self:
        """Fit on labelled rows.

        Parameters
        ----------
        X
            A table in a file, a data frame, a dictionary of columns, a list of dictionaries, or an
            array ``(n, c)``, whose columns are called ``0``, ``1`` and so on.
        y
            Labels ``(n,)`` where no column ``label`` holds them.
        groups
            What must not be split between folds ``(n,)``: a customer, a patient.
        without
            Columns that are not to be predicted from.

        Raises
        ------
        DataError
            The table can't be used.
        ParameterError
            A parameter of the constructor can't be used.
        """
        settings, steps = settings_of(self)
        begun = time.monotonic()
        data = interpreted(self._read(X, y, groups), "classes")
        read_seconds = time.monotonic() - begun
        fitted = fit_rows(data, settings, without=without, steps=steps, read_seconds=read_seconds)
        assert isinstance(fitted.model, TableClassifierModel)
        self.model_ = fitted.model
        self.result_ = fitted.result
        self.classes_ = np.array(fitted.model.labels)
        return self

    def _read(self, X: Any, y: Any, groups: Any) -> Dataset:
        return X if isinstance(X, Dataset) else read_rows(X, y, groups=groups, task="classes")

    def predict(self, X: Any, *, bad: Literal["raise", "none"] = "raise") -> NDArray[Any]:
        """The label of each row ``(n,)``; see `topwork.model.TableClassifierModel.predict`."""
        return self._fitted_model().predict(X, bad=bad)

    def predict_proba(self, X: Any, *, bad: Literal["raise", "none"] = "raise") -> NDArray[Any]:
        """Probabilities ``(n, k)``; see `topwork.model.TableClassifierModel.predict_proba`."""
        found: NDArray[Any] = self._fitted_model().predict_proba(X, bad=bad)
        return found

    def predictions(self, X: Any) -> Predictions:
        """Classes, probabilities and sets."""
        return self._fitted_model().predictions(X)

    def evaluate(self, X: Any, y: Any = None) -> Evaluation:
        """An honest number on other rows."""
        return self._fitted_model().evaluate(X, y)

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Accuracy on labelled rows; ``sample_weight`` is ``(n,)``."""
        return self._fitted_model().score(X, y, sample_weight)
