"""The estimator that users call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin

from topwork.data import read_any
from topwork.features import no_steps, printed_steps
from topwork.model import ClusterModel, ClusterPredictions
from topwork.model.clusters.model import UNREAD
from topwork.model.fitted_estimator import FittedEstimator
from topwork.settings import (
    ClusterChoice,
    ClusterSettings,
    FramingSettings,
    RunSettings,
    Setting,
    with_parameters,
)
from topwork.unsupervised.clustering.fitting import cluster
from topwork.unsupervised.clustering.result import ClusterResult


@with_parameters(moved={})
@dataclass(kw_only=True, eq=False, repr=False)
class Clusterer(
    FittedEstimator[ClusterModel],
    ClusterMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
    RunSettings,
    ClusterChoice,
    FramingSettings,
):
    """Finds groups of images or texts without labels, and says whether there are any.

    A pretrained network, frozen; spherical k-means of its half whitened features for images, the
    normalised cut of their neighbour graph for texts.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    labels_
        The cluster of each item, int64 ``(n,)``; -1 for one that can't be read.
    model_
        The fitted :class:`topwork.model.ClusterModel`.
    n_clusters_
        How many clusters there are.
    result_
        Whether there are groups, their number, names, sizes and stability.

    Examples
    --------
    >>> import numpy as np, topwork as tw
    >>> rng = np.random.default_rng(0)
    >>> dark = list(rng.integers(0, 90, (20, 32, 32, 3), dtype=np.uint8))
    >>> light = list(rng.integers(160, 255, (20, 32, 32, 3), dtype=np.uint8))
    >>> clusterer = tw.Clusterer(n_clusters=2, backbone="pixels", cache=False).fit(dark + light)
    >>> clusterer.result_.structure.found, len(set(clusterer.labels_[:20]))
    (True, 1)
    """

    kind: Annotated[str, Setting("What the items are: image, text, or auto to detect.")] = "auto"
    verbose: Annotated[bool, Setting("Whether ``fit`` prints its progress.")] = False

    def fit(self, X: Any, y: Any = None) -> Clusterer:  # noqa: ARG002
        """Find groups of items; labels that they may have are not looked at.

        Parameters
        ----------
        X
            A :class:`topwork.Dataset`, a folder, a table, or a list of paths, images or texts.
        y
            Ignored.

        Raises
        ------
        DataError
            The items can't be used.
        ParameterError
            A parameter of the constructor can't be used.
        """
        given = self.get_params(deep=False)
        kind, steps = given.pop("kind"), printed_steps if given.pop("verbose") else no_steps
        settings = ClusterSettings(**given)
        data = read_any(X, items=kind)
        found = cluster(data, settings, steps=steps)
        labels = np.full(len(data), UNREAD, np.int64)
        labels[found.evidence.frozen.extraction.kept] = found.evidence.codes
        self.model_ = found.model
        self.result_: ClusterResult = found.result
        self.labels_: NDArray[np.int64] = labels
        self.n_clusters_ = found.result.k
        return self

    def predict(self, X: Any, *, bad: Literal["raise", "none"] = "raise") -> NDArray[np.int64]:
        """The nearest cluster of each item ``(n,)``; see :meth:`topwork.model.ClusterModel`."""
        return self._fitted_model().predict(X, bad=bad)

    def predictions(self, X: Any) -> ClusterPredictions:
        """Clusters with cosines and outliers."""
        return self._fitted_model().predictions(X)

    def score(self, X: Any, y: Any = None) -> float:  # noqa: ARG002
        """Mean cosine of items with their nearest centre, -1 to 1; larger is better."""
        return float(self.predictions(X).cosines.max(axis=1).mean())
