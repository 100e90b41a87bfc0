"""The estimator for a few examples per class."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from topwork.data import Dataset, read
from topwork.errors import DataError
from topwork.heads import normalise_rows
from topwork.heads.few_shot import predict_together
from topwork.heads.few_shot.prior import TaskPrior
from topwork.inductive.fitting import fit
from topwork.intake.collection import collect
from topwork.model.predictor import Predictor
from topwork.model.priors.prior_file import read_prior
from topwork.runtime.progress import no_steps, printed_steps
from topwork.settings import (
    FeatureSettings,
    FitSettings,
    FramingSettings,
    RunSettings,
    Setting,
    with_parameters,
)


@with_parameters(moved={})
@dataclass(kw_only=True, eq=False, repr=False)
class FewShotClassifier(
    Predictor,
    ClassifierMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
    RunSettings,
    FramingSettings,
):
    """A classifier from one to five examples per class of images or texts.

    The nearest class mean or a logistic head on a frozen network, as the number of examples has it;
    names of classes and a prior of earlier tasks help where they can.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_
        The labels, ``(k,)``.
    model_
        The fitted :class:`topwork.Model`.
    result_
        What is known of it.

    Examples
    --------
    >>> import numpy as np, topwork as tw
    >>> rng = np.random.default_rng(0)
    >>> dark = list(rng.integers(0, 90, (3, 32, 32, 3), dtype=np.uint8))
    >>> light = list(rng.integers(160, 255, (3, 32, 32, 3), dtype=np.uint8))
    >>> few = tw.FewShotClassifier(backbone="pixels", cache=False)
    >>> few.fit(dark[:1] + light[:1], ["dark", "light"]).predict(light[1:]).tolist()
    ['light', 'light']
    >>> few.predict_together(dark[1:] + light[1:]).tolist()
    ['dark', 'dark', 'light', 'light']
    """

    backbone: Annotated[
        str | None, Setting("Network, ``SOURCE:NAME``; the usual one where it is not given.")
    ] = None
    kind: Annotated[str, Setting("What the items are: image, text, or auto to detect.")] = "auto"
    prior: Annotated[
        str | Path | None, Setting("What ``topwork meta`` learnt from earlier tasks.")
    ] = None
    verbose: Annotated[bool, Setting("Whether ``fit`` prints its progress.")] = False

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit on labelled items.

        Parameters
        ----------
        X
            A :class:`topwork.Dataset`, class folders, a table, or a list of items.
        y
            Labels ``(n,)`` where X doesn't tell them.

        Raises
        ------
        DataError
            The data can't be used.
        ParameterError
            A parameter of the constructor can't be used.
        """
        given = self.get_params(deep=False)
        kind, steps = given.pop("kind"), printed_steps if given.pop("verbose") else no_steps
        settings = FitSettings(**given, baselines=False, name_groups=False)
        if not isinstance(X, Dataset):
            X = read(X, y, items=kind, task="classes")
        fitted = fit(X, settings, steps=steps)
        frozen = fitted.artifacts.transfer.frozen
        targets = frozen.data.classes
        assert targets is not None
        self.model_, self.result_ = fitted.model, fitted.result
        self.classes_ = np.array(fitted.model.labels)
        self._rows = np.asarray(frozen.features, np.float32)
        self._codes = targets.codes
        self._metric: TaskPrior | None = None
        if self.prior is not None:
            prior = read_prior(self.prior)[0]
            self._metric = prior if prior.suits(self._rows) else None
        return self

    def predict_together(self, X: Any) -> NDArray[Any]:
        """The label of each item ``(n,)``, all of them being taken into account at once.

        Frequent looks among them tell where classes end, and how frequent each class is. With one
        example per class that gains some points of accuracy on most data, with many it may lose
        some: `topwork episodes` says on yours. It needs some ten items per class.

        Raises
        ------
        DataError
            An item can't be read.
        """
        self._fitted_model()
        settings = FeatureSettings(cache=self.cache)
        items = self.model_.items(X)
        found = collect(Dataset(list(items), kind=self.model_.kind), settings, model=self.model_)
        if found.rejected:
            first = found.rejected[0]
            raise DataError(
                f"{first.path} can't be read: {first.detail or first.reason}.",
                remedy="Leave it out: all items are predicted together.",
                code="bad_items",
            )
        rows, queries = self._rows, np.asarray(found.features, np.float32)
        if self._metric is not None:
            rows = self._metric.whitened(normalise_rows(rows)).astype(np.float32)
            queries = self._metric.whitened(normalise_rows(queries)).astype(np.float32)
        P = predict_together(rows, self._codes, queries, len(self.classes_))
        predicted: NDArray[Any] = self.classes_[P.argmax(axis=1)]
        return predicted
