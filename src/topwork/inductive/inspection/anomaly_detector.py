"""The estimator for good parts only."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from topwork.data import MODALITIES, Dataset, read_items
from topwork.data.reading.inspection.good_parts import good_of, read_good_parts
from topwork.data.reading.inspection.inspected_parts import of_classes, read_inspected_parts
from topwork.inductive.inspection.fitting import fit_inspector
from topwork.metrics.auroc import auroc
from topwork.model.fitted_estimator import FittedEstimator
from topwork.model.inspection.evaluation import InspectionEvaluation, evaluate_parts
from topwork.model.inspection.model import InspectorModel
from topwork.model.inspection.predictions import InspectionPredictions
from topwork.runtime.progress import no_steps, printed_steps
from topwork.settings import RunSettings, Setting, with_parameters
from topwork.settings.inspection import InspectionChoice, InspectionSettings


@with_parameters(moved={})
@dataclass(kw_only=True, eq=False, repr=False)
class AnomalyDetector(
    FittedEstimator[InspectorModel],
    BaseEstimator,  # type: ignore[misc]
    RunSettings,
    InspectionChoice,
):
    """Says which part is anomalous and where, from images of good parts that are framed alike.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    model_
        The fitted :class:`topwork.model.InspectorModel`.
    result_
        What is promised, rejected images, seconds.

    Examples
    --------
    >>> import topwork as tw
    >>> tw.AnomalyDetector(false_alarms=0.01).get_params()["false_alarms"]
    0.01
    """

    verbose: Annotated[bool, Setting("Whether ``fit`` prints its progress.")] = False

    def fit(self, X: Any, y: Any = None, *, groups: Any = None) -> Self:  # noqa: ARG002
        """Fit on images of good parts.

        Parameters
        ----------
        X
            A :class:`topwork.Dataset`, a folder (of which ``train/good`` or ``good`` is taken
            where there is one), a table, or a list of images. Of several classes, those called
            good are taken.
        y
            Ignored.
        groups
            Which part each image shows ``(n,)``, where parts have several.

        Raises
        ------
        DataError
            The images can't be used, are too few for the promise, or are of several classes of
            which none is called good.
        ParameterError
            A parameter of the constructor can't be used.
        """
        given = self.get_params(deep=False)
        steps = printed_steps if given.pop("verbose") else no_steps
        begun = time.monotonic()
        settings = InspectionSettings(**given)
        data = _read(X)
        if groups is not None:
            data = replace(data, groups=np.asarray(groups))
        data = good_of(data)
        fitted = fit_inspector(data, settings, steps=steps, read_seconds=time.monotonic() - begun)
        self.model_ = fitted.model
        self.result_ = fitted.result
        return self

    def predict(self, X: Any, *, bad: Literal["raise", "none"] = "raise") -> NDArray[np.bool_]:
        """Whether each part is anomalous ``(n,)``; see `InspectorModel.predict`."""
        return self._fitted_model().predict(X, bad=bad)

    def predictions(self, X: Any) -> InspectionPredictions:
        """Scores, p-values and heat maps."""
        return self._fitted_model().predictions(X)

    def evaluate(self, X: Any) -> InspectionEvaluation:
        """AUROC, false alarms and, with masks, scores of heat maps on good and defective parts.

        Parameters
        ----------
        X
            A folder with class folders, one of them good (``test`` and ``ground_truth`` are
            understood), a table, or a :class:`topwork.Dataset` with classes.

        Raises
        ------
        DataError
            The images can't be used.
        """
        parts = of_classes(X) if isinstance(X, Dataset) else read_inspected_parts(X)
        return evaluate_parts(self._fitted_model(), parts)[0]

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """Score of each part ``(n,)``; larger is odder.

        Raises
        ------
        BadItemsError
            Some images can't be read.
        """
        return self._fitted_model().score_samples(X)

    def score(self, X: Any, y: Any) -> float:
        """Chance that a defective part scores above a good one, 0 to 1.

        Parameters
        ----------
        y
            Whether each part is defective, ``(n,)``; both must be there.
        """
        return auroc(self.score_samples(X), np.asarray(y, bool))[0]


def _read(X: Any) -> Dataset:
    if isinstance(X, Dataset):
        return X
    if isinstance(X, str) or hasattr(X, "__fspath__"):
        return read_good_parts(X)
    return Dataset(read_items(X), kind=MODALITIES["image"], source="memory")
