"""The estimator that users call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin

from topwork.data.columns import RowTable
from topwork.model import ClusterModel, ClusterPredictions, RowClusterModel
from topwork.model.clusters.predictions import UNREAD
from topwork.model.fitted_estimator import FittedEstimator
from topwork.runtime.progress import no_steps, printed_steps
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
from topwork.unsupervised.clustering.rows.fitting import cluster_rows
from topwork.unsupervised.clustering.rows.reading import read_groupable


@with_parameters(moved={})
@dataclass(kw_only=True, eq=False, repr=False)
class Clusterer(
    FittedEstimator[ClusterModel | RowClusterModel],
    ClusterMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
    RunSettings,
    ClusterChoice,
    FramingSettings,
):
    """Finds groups of images, texts or rows without labels, and says whether there are any.

    A pretrained network, frozen; spherical k-means of its half whitened features, for 30 clusters
    of texts or more the normalised cut of their neighbour graph. The rows of a table are divided by
    k-means on axes along which several of its columns vary together.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    labels_
        The cluster of each item, int64 ``(n,)``; -1 for one that can't be read.
    model_
        The fitted :class:`topwork.model.ClusterModel`, of rows a ``RowClusterModel``.
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

    kind: Annotated[str, Setting("What the items are: image, text, row, or auto to detect.")] = (
        "auto"
    )
    verbose: Annotated[bool, Setting("Whether ``fit`` prints its progress.")] = False

    def fit(self, X: Any, y: Any = None) -> Clusterer:  # noqa: ARG002
        """Find groups of items; labels that they may have are not looked at.

        Parameters
        ----------
        X
            A :class:`topwork.Dataset`, a folder, a table (in a file, a data frame, a dictionary of
            columns), or a list of paths, images or texts.
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
        data = read_groupable(X, items=kind)
        self.result_: ClusterResult
        if isinstance(data, RowTable):
            rows = cluster_rows(data, settings, steps=steps)
            labels = np.full(data.n_all, UNREAD, np.int64)
            labels[data.kept] = rows.evidence.codes
            self.model_, self.result_ = rows.model, rows.result
        else:
            found = cluster(data, settings, steps=steps)
            labels = np.full(len(data), UNREAD, np.int64)
            labels[found.evidence.frozen.extraction.kept] = found.evidence.codes
            self.model_, self.result_ = found.model, found.result
        self.labels_: NDArray[np.int64] = labels
        self.n_clusters_ = self.result_.k
        return self

    def predict(self, X: Any, *, bad: Literal["raise", "none"] = "raise") -> NDArray[np.int64]:
        """The nearest cluster of each item ``(n,)``; see :meth:`topwork.model.ClusterModel`."""
        return self._fitted_model().predict(X, bad=bad)

    def predictions(self, X: Any) -> ClusterPredictions:
        """Clusters with cosines (of rows minus distances) and outliers."""
        return self._fitted_model().predictions(X)

    def score(self, X: Any, y: Any = None) -> float:  # noqa: ARG002
        """Mean cosine of items with their nearest centre, -1 to 1; larger is better.

        Of rows of a table it is the mean distance with a minus sign.
        """
        return float(self.predictions(X).cosines.max(axis=1).mean())
