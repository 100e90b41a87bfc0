"""What the estimators of all kinds of items have in common."""

from __future__ import annotations

import time
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from topwork.data import Dataset, ModalityName, match_labels, read
from topwork.errors import DataError
from topwork.features import no_steps, printed_steps
from topwork.inductive.fitting import fit
from topwork.model.answering import Answering
from topwork.settings import FitSettings


class ItemClassifier(Answering, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Fits and asks a model; a subclass says of which items, and which settings it offers."""

    _items: ClassVar[ModalityName]

    def fit(self, X: Any, y: Any = None, *, groups: Any = None) -> Self:
        """Fit on labelled items.

        Parameters
        ----------
        X
            A :class:`topwork.Dataset`, class folders, a table, or a list of items.
        y
            Labels ``(n,)`` where X doesn't tell them.
        groups
            What must not be split between folds ``(n,)``: patient, video, plant.

        Raises
        ------
        DataError
            The data can't be used.
        ParameterError
            A parameter of the constructor can't be used.
        """
        parameters = self.get_params()
        steps = printed_steps if parameters.pop("verbose") else no_steps
        settings = FitSettings(**parameters)
        begun = time.monotonic()
        data = X if isinstance(X, Dataset) else read(X, y, groups=groups, items=self._items)
        fitted = fit(data, settings, steps=steps, read_seconds=time.monotonic() - begun)
        self.model_ = fitted.model
        self.result_ = fitted.result
        self.classes_ = np.array(fitted.model.labels)
        return self

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Accuracy on labelled items; ``sample_weight`` is ``(n,)``."""
        data = X if isinstance(X, Dataset) else read(X, y, split="test_or_all", items=self._items)
        if data.classes is None:
            raise DataError(
                "A score needs labels.", remedy="Give score(X, y), or class folders, or a table."
            )
        classes = self._fitted_model().labels
        given = np.array(match_labels(data.classes.labels, classes))[data.classes.codes]
        predicted = match_labels(self.predict(data.items).tolist(), classes)
        return float(np.average(given == predicted, weights=sample_weight))
