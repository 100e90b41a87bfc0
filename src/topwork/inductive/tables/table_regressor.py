"""The estimator for numbers of rows of a table."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin

from topwork.data import Dataset
from topwork.data.columns.labelled_rows import read_rows
from topwork.inductive.estimator_settings import settings_of
from topwork.inductive.tables.fitting import fit_rows
from topwork.model import NumberEvaluation, NumberPredictions, TableNumberModel
from topwork.model.fitted_estimator import FittedEstimator
from topwork.settings import IntervalSettings, RunSettings, Setting, with_parameters
from topwork.settings.rows import RowSettings
from topwork.tasks.reading import interpreted


@with_parameters(moved={})
@dataclass(kw_only=True, eq=False, repr=False)
class TableRegressor(
    FittedEstimator[TableNumberModel],
    RegressorMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
    RunSettings,
    IntervalSettings,
    RowSettings,
):
    """Predicts a number from the columns of a table: a ridge or boosted trees, with an interval.

    The median, a ridge and gradient-boosted trees are judged on the same folds, in which equal rows
    stay together; the simplest within one standard error of the smallest mean absolute error is
    used.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    model_
        The fitted :class:`topwork.model.TableNumberModel`.
    result_
        Scores with intervals, columns that are used and left out, seconds.

    Examples
    --------
    >>> import topwork as tw
    >>> table = {"area": [30 + 5 * (i // 4) for i in range(40)], "city": ["Bern", "Chur"] * 20}
    >>> rents = [15 * area for area in table["area"]]
    >>> regressor = tw.TableRegressor().fit(table, rents)
    >>> bool(abs(regressor.predict({"area": [50], "city": ["Bern"]})[0] - 750) < 30)
    True
    """

    verbose: Annotated[bool, Setting("Whether ``fit`` prints its progress.")] = False

    def fit(
        self, X: Any, y: Any = None, *, groups: Any = None, without: Sequence[str] = ()
    ) -> Self:
        """Fit on rows with numbers.

        Parameters
        ----------
        X
            A table in a file, a data frame, a dictionary of columns, a list of dictionaries, or an
            array ``(n, c)``, whose columns are called ``0``, ``1`` and so on.
        y
            Numbers ``(n,)`` where no column ``label`` holds them.
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
        data = self._read(X, y, groups)
        read_seconds = time.monotonic() - begun
        fitted = fit_rows(data, settings, without=without, steps=steps, read_seconds=read_seconds)
        assert isinstance(fitted.model, TableNumberModel)
        self.model_ = fitted.model
        self.result_ = fitted.result
        return self

    def _read(self, X: Any, y: Any, groups: Any) -> Dataset:
        found = X if isinstance(X, Dataset) else read_rows(X, y, groups=groups, task="number")
        return interpreted(found, "number")

    def predict(self, X: Any, *, bad: Literal["raise", "none"] = "raise") -> NDArray[np.float64]:
        """The number of each row ``(n,)``; see :meth:`topwork.model.TableNumberModel.predict`."""
        return self._fitted_model().predict(X, bad=bad)

    def predictions(self, X: Any) -> NumberPredictions:
        """Numbers with intervals."""
        return self._fitted_model().predictions(X)

    def evaluate(self, X: Any, y: Any = None) -> NumberEvaluation:
        """An honest number on other rows."""
        return self._fitted_model().evaluate(X, y)

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """R² on rows with numbers; ``sample_weight`` is ``(n,)``."""
        from sklearn.metrics import r2_score

        model = self._fitted_model()
        data = self._read(X, y, None)
        weights = None if sample_weight is None else np.asarray(sample_weight, np.float64)
        return float(r2_score(data.numbers, model.predict(data), sample_weight=weights))
