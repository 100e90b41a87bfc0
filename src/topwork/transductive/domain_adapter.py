"""The estimator that users call."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from topwork.data import Dataset, columns_as_fitted, read, read_items
from topwork.model import Model, open_classifier
from topwork.model.predictor import Predictor
from topwork.settings import AdaptSettings, DomainSettings, RunSettings, Setting, with_parameters
from topwork.transductive.adapting import adapt
from topwork.transductive.auditing import AuditSheet
from topwork.transductive.result import AdaptResult
from topwork.transductive.stream import Stream

MOVED: Final = {"source": "fit(X, source=...)", "labelled": "fit(X, labelled=...)"}
"""Former parameters, which are data."""


@with_parameters(moved=MOVED)
@dataclass(eq=False, repr=False)
class DomainAdapter(
    Predictor,
    ClassifierMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
    RunSettings,
    DomainSettings,
):
    """Adapts a model to a new domain of the same task without labels, or leaves it as it is.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_
        The labels, ``(k,)``.
    model_
        The :class:`topwork.Model` that is used.
    result_
        Whether it was adapted, and why; None while a stream has brought too few items.
    step_
        What the latest batch of a stream was answered, before it was learnt from.
    sheet_
        The items to label, if some were wanted: ``sheet_.write("audit.csv")``.

    Examples
    --------
    >>> import numpy as np, topwork as tw
    >>> rng = np.random.default_rng(0)
    >>> dark = list(rng.integers(0, 90, (20, 32, 32, 3), dtype=np.uint8))
    >>> light = list(rng.integers(160, 255, (20, 32, 32, 3), dtype=np.uint8))
    >>> classifier = tw.ImageClassifier(backbone="pixels", cache=False)
    >>> model = classifier.fit(dark + light, ["dark"] * 20 + ["light"] * 20).model_
    >>> tw.DomainAdapter(model, cache=False).fit(dark + light).result_.adapted
    False
    """

    model: Annotated[Model | str | Path, Setting("A :class:`topwork.Model`, or the folder of one.")]

    def fit(
        self,
        X: Any,
        y: Any = None,  # noqa: ARG002
        *,
        source: Any = None,
        labelled: Any = None,
    ) -> DomainAdapter:
        """Adapt to unlabelled items; labels that they may have are not looked at.

        Parameters
        ----------
        X
            A :class:`topwork.Dataset`, a folder, a table, or paths, PIL images or arrays.
        y
            Ignored.
        source
            The labelled items that the model was fitted on, where they are at hand: a
            :class:`topwork.Dataset`, or whatever ``topwork.read`` takes.
        labelled
            A few labelled items of the new domain: the same, or the table that an audit wrote and
            somebody filled in.

        Raises
        ------
        DataError
            The items can't be used.
        ParameterError
            A parameter of the constructor can't be used.
        """
        start, settings = self._prepared()
        done = adapt(
            start,
            self._data(X, start),
            settings,
            source=_labelled(source, start, split="train"),
            labelled=_labelled(labelled, start, split="all"),
            plan=AuditSheet.beside(Path(labelled)) if isinstance(labelled, (str, Path)) else None,
        )
        self.__dict__.pop("_stream", None)
        self._took(done.model, done.result)
        self.sheet_: AuditSheet | None = done.sheet
        return self

    def partial_fit(self, X: Any, y: Any = None, *, source: Any = None) -> DomainAdapter:  # noqa: ARG002
        """Answer for one batch of a stream, then learn from it; ``step_`` holds the answers.

        The latest 2,000 items of all batches are learnt from, always starting from the model as it
        was, whenever there are half as many new ones as last time. Parameters, and the source,
        count from the first batch; :meth:`fit` ends the stream.

        Parameters
        ----------
        X, y, source
            As for :meth:`fit`.

        Raises
        ------
        DataError
            The items can't be used.
        ParameterError
            The settings ask for labels.
        """
        if not hasattr(self, "_stream"):
            start, settings = self._prepared()
            self._stream = Stream(start, settings, _labelled(source, start, split="train"))
            self._took(start, None)
            self.sheet_ = None
        self.step_ = self._stream.take(self._data(X, self._stream.start))
        self._took(self._stream.model, self.step_.result or self.result_)
        return self

    def _took(self, model: Model, result: AdaptResult | None) -> None:
        self.model_ = model
        self.result_: AdaptResult | None = result
        self.classes_ = np.array(model.labels)

    def _prepared(self) -> tuple[Model, AdaptSettings]:
        given = self.get_params(deep=False)
        model = given.pop("model")
        start = open_classifier(model, "DomainAdapter", engine=self.engine)
        return start, AdaptSettings(**given)

    def _data(self, X: Any, start: Model) -> Dataset:
        if isinstance(X, Dataset):
            return X
        columns = columns_as_fitted(start.card.columns)
        return Dataset(read_items(X, columns=columns, kind=start.card.kind), kind=start.kind)


def _labelled(given: Any, start: Model, *, split: str) -> Dataset | None:
    """Labelled items as the user gave them."""
    if given is None or isinstance(given, Dataset):
        return given
    kind, unfinished = start.card.kind, split == "all"
    return read(
        given,
        split=split,  # type: ignore[arg-type]
        columns=columns_as_fitted(start.card.columns),
        items=kind,
        skip_unlabelled=unfinished,
        task="classes",
    )
