"""The estimator for objects in images."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, Any, Self

from sklearn.base import BaseEstimator

from topwork.data import Dataset
from topwork.inductive.detection.fitting import fit_boxes
from topwork.inductive.estimator_settings import settings_of
from topwork.model.detection.annotated import annotated
from topwork.model.detection.answering import BoxPredictor
from topwork.settings import (
    BudgetSettings,
    DetectionSettings,
    JudgingSettings,
    RunSettings,
    Setting,
    StrategySettings,
    with_parameters,
)


@with_parameters(moved={})
@dataclass(kw_only=True, eq=False, repr=False)
class ObjectDetector(
    BoxPredictor,
    BaseEstimator,  # type: ignore[misc]
    RunSettings,
    DetectionSettings,
    JudgingSettings,
    BudgetSettings,
    StrategySettings,
):
    """Finds objects in images: a pretrained network, frozen, with a detection head on its maps.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    model_
        The fitted :class:`topwork.model.DetectorModel`.
    result_
        Scores with intervals, rejected items, seconds.
    classes_
        The labels of the objects.

    Examples
    --------
    >>> import topwork as tw
    >>> tw.ObjectDetector(seed=1).get_params()["seed"]
    1
    """

    verbose: Annotated[bool, Setting("Whether ``fit`` prints its progress.")] = False

    def fit(self, X: Any, y: Any = None, *, groups: Any = None) -> Self:
        """Fit on annotated images.

        Parameters
        ----------
        X
            A :class:`topwork.Dataset`, a folder with COCO, Pascal VOC or YOLO files, a table, or a
            list of images.
        y
            For each image a list of boxes (label, x1, y1, x2, y2), in pixels of the upright image,
            where X doesn't tell them.
        groups
            What must not be split between folds ``(n,)``: patient, video, plant.

        Raises
        ------
        DataError
            The data can't be used.
        ParameterError
            A parameter of the constructor can't be used.
        """
        settings, steps = settings_of(self)
        begun = time.monotonic()
        data: Dataset = annotated(X, y, split="train", groups=groups)
        fitted = fit_boxes(data, settings, steps=steps, read_seconds=time.monotonic() - begun)
        self.model_ = fitted.model
        self.result_ = fitted.result
        self.classes_ = list(fitted.model.labels)
        return self
