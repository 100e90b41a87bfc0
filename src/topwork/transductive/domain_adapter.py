"""The estimator that users call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sklearn.base import BaseEstimator

from topwork.backbones.engines import EngineName
from topwork.data import Dataset, read_items
from topwork.model import Model, open_classifier
from topwork.model.answering import Answering
from topwork.transductive.adapting import adapt
from topwork.transductive.auditing import AuditSheet
from topwork.transductive.result import AdaptResult
from topwork.transductive.settings import AdaptSettings
from topwork.transductive.stream import Step, Stream


class DomainAdapter(Answering, BaseEstimator):  # type: ignore[misc]
    """Adapts a model to a new domain of the same task without labels, or leaves it as it is.

    Parameters
    ----------
    model
        A :class:`topwork.Model`, or the folder of one.
    source
        The labelled items that it was fitted on, where they are at hand.
    labelled
        A few labelled items of the new domain, where there are some.
    audit
        Items of the new domain to choose for labelling; 0 for none.
    deep
        Whether layers behind a cut may be adapted.
    train
        Ways to train layers behind a cut, too, such as ``("dann",)``; see `AdaptSettings`.
    keep_source
        Return the model as it is if it would lose accuracy on its own domain.
    force
        Adapt also where it can't be told which classes the new domain holds, and return the
        adapted model even if it halves the accuracy on its own domain.
    engine
        ``openvino``, ``torch``, or ``auto`` to choose by device.
    cache
        Whether features are kept for the next run.
    max_bad
        The fraction of items that may be unreadable.
    seed
        Of everything random.

    Attributes
    ----------
    model_
        The :class:`topwork.Model` that ships.
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

    result_: AdaptResult | None
    sheet_: AuditSheet | None
    step_: Step

    def __init__(
        self,
        model: Model | str | Path,
        *,
        source: Dataset | None = None,
        labelled: Dataset | None = None,
        audit: int = 0,
        deep: bool = True,
        train: tuple[str, ...] = (),
        keep_source: bool = False,
        force: bool = False,
        engine: EngineName = "auto",
        cache: bool = True,
        max_bad: float = 0.05,
        seed: int = 0,
    ) -> None:
        self.model = model
        self.source = source
        self.labelled = labelled
        self.audit = audit
        self.deep = deep
        self.train = train
        self.keep_source = keep_source
        self.force = force
        self.engine = engine
        self.cache = cache
        self.max_bad = max_bad
        self.seed = seed

    def fit(self, X: Any, y: Any = None) -> DomainAdapter:  # noqa: ARG002
        """Adapt to unlabelled items; labels that they may have are not looked at.

        Parameters
        ----------
        X
            A :class:`topwork.Dataset`, a folder, a table, or paths, PIL images or arrays.
        y
            Ignored.

        Raises
        ------
        DataError
            The items can't be used.
        """
        start, settings = self._prepared()
        done = adapt(start, self._data(X, start), settings)
        self.__dict__.pop("_stream", None)
        self.model_, self.result_, self.sheet_ = done.model, done.result, done.sheet
        return self

    def partial_fit(self, X: Any, y: Any = None) -> DomainAdapter:  # noqa: ARG002
        """Answer for one batch of a stream, then learn from it; ``step_`` holds the answers.

        The latest 2,000 items of all batches are learnt from, always starting from the model as it
        was, whenever there are half as many new ones as last time. Parameters count from the first
        batch; :meth:`fit` ends the stream.

        Parameters
        ----------
        X
            As for :meth:`fit`.
        y
            Ignored.

        Raises
        ------
        DataError
            The items can't be used.
        ParameterError
            The settings ask for labels.
        """
        if not hasattr(self, "_stream"):
            self._stream = Stream(*self._prepared())
            self.result_, self.sheet_ = None, None
        self.step_ = self._stream.take(self._data(X, self._stream.start))
        self.model_, self.result_ = self._stream.model, self.step_.result or self.result_
        return self

    def _prepared(self) -> tuple[Model, AdaptSettings]:
        given = self.get_params(deep=False)
        model = given.pop("model")
        start = open_classifier(model, "DomainAdapter", engine=self.engine)
        return start, AdaptSettings(**given)

    def _data(self, X: Any, start: Model) -> Dataset:
        if isinstance(X, Dataset):
            return X
        return Dataset(read_items(X, kind=start.card.kind), kind=start.kind)
