"""A linear head from few labelled items and many without labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.domain.propagation import neighbour_graph, propagate, whitened
from topwork.heads.linear import LinearHead, normalise_rows, softmax
from topwork.heads.logistic import LogisticPath, LogisticProblem
from topwork.heads.penalty import SEARCH_TOLERANCE
from topwork.heads.weights import item_weights
from topwork.settings.choices import ClassWeight

if TYPE_CHECKING:
    from scipy.sparse import csr_array

#: Of each class's pseudo-labels, how many of the surest are believed, round after round.
SHARES = (0.2, 0.4, 0.6, 0.8)
#: With so many labels per class, they weigh as much as all pseudo-labels together.
EVEN_LABELS = 10.0
#: Penalty of every fit, for each labelled item; more pseudo-labels don't weaken it.
C = 10.0

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SelfTraining:
    """Labelled and unlabelled features, ready for fits on any of the labelled rows.

    Two teachers that err differently, a graph of neighbours and the head itself, agree on
    pseudo-labels by the geometric mean of their probabilities. Of each class the surest are
    believed, more of them every round, so that easy classes don't crowd out the others; pseudo-
    labels keep the class shares of the labelled items.

    Nothing here depends on labelled items that a fit leaves out but the coordinates, which
    change how fast it converges and not to what: held-out items stay unseen.

    Parameters
    ----------
    problem
        The n labelled rows and then the m unlabelled ones, with codes of the former.
    graph
        (n + m, n + m), similarities of neighbours.
    n_labelled
        n.

    References
    ----------
    Zhou et al. 2004 (the graph); Iscen et al. 2019, Label propagation for deep semi-supervised
    learning; Zou et al. 2018, Unsupervised domain adaptation for semantic segmentation via
    class-balanced self-training (the shares of each class; FlexMatch's thresholds, Zhang et al.
    2021, have the same purpose); Blum and Mitchell 1998, Combining labeled and unlabeled data
    with co-training.
    """

    problem: LogisticProblem
    graph: csr_array
    n_labelled: int

    @classmethod
    def prepare(
        cls,
        X: ArrayLike,
        codes: NDArray[np.integer],
        unlabelled: ArrayLike,
        n_classes: int,
        *,
        class_weight: ClassWeight = None,
    ) -> SelfTraining:
        """Of labelled features X (n, d), their codes (n,), and unlabelled features (m, d)."""
        known, others = normalise_rows(X), normalise_rows(unlabelled)
        base, beside = whitened(others, known)
        everything = np.concatenate([codes, np.zeros(len(others), np.intp)])
        problem = LogisticProblem.prepare(
            np.concatenate([known, others]), everything, n_classes, class_weight=class_weight
        )
        return cls(problem, neighbour_graph(base, beside), len(known))

    def fit(self, rows: NDArray[np.integer] | None = None) -> LinearHead:
        """The head from some labelled rows, all of them for None, and all unlabelled ones."""
        rows = np.arange(self.n_labelled) if rows is None else np.asarray(rows)
        unlabelled = np.arange(self.n_labelled, len(self.problem.codes))
        surely = self._propagated(rows, unlabelled)
        W = self._fit_head(rows, None, None)
        believed = surely
        for share in SHARES:
            pseudo = believed.argmax(axis=1)
            sure = surest(believed.max(axis=1), pseudo, share)
            W = self._fit_head(rows, (unlabelled[sure], pseudo[sure]), W)
            said = softmax(self.problem.design[unlabelled] @ W)
            believed = np.sqrt(np.maximum(said, 1e-6) * np.maximum(surely, 1e-6))
            believed /= believed.sum(axis=1, keepdims=True)
        return self.problem.linear(W)

    def _propagated(self, rows: NDArray[np.integer], unlabelled: NDArray[np.integer]) -> Array:
        """What the graph says of the unlabelled items, (m, k)."""
        nodes = np.concatenate([rows, unlabelled])
        seeds = np.zeros((len(nodes), self.problem.n_classes))
        seeds[np.arange(len(rows)), self.problem.codes[rows]] = self._weights(rows)
        return propagate(self.graph[nodes][:, nodes], seeds)[len(rows) :]

    def _fit_head(
        self,
        rows: NDArray[np.integer],
        pseudo: tuple[NDArray[np.intp], NDArray[np.intp]] | None,
        start: Array | None,
    ) -> Array:
        """Coefficients (p, k) from labelled rows and pseudo-labels: rows and their codes."""
        weights, used = np.zeros(len(self.problem.codes)), rows
        weights[rows] = self._weights(rows)
        codes = self.problem.codes.copy()
        if pseudo is not None:
            others, said = pseudo
            codes[others] = said
            shares = np.bincount(codes[rows], weights=weights[rows], minlength=self._k)
            counts = np.bincount(said, minlength=self._k)
            per_class = len(rows) / np.count_nonzero(shares)
            weights[others] = (shares / np.maximum(counts, 1))[said] * EVEN_LABELS / per_class
            used = np.concatenate([rows, others])
        problem = replace(self.problem, codes=codes, sample_weight=weights, class_weight=None)
        path = LogisticPath(problem, used)
        strength = C * len(rows) / len(used)
        begin = problem.start(rows) if start is None else start
        return path.fit(strength, start=begin, tolerance=SEARCH_TOLERANCE)

    def _weights(self, rows: NDArray[np.integer]) -> NDArray[np.float64]:
        """Of labelled rows, with mean 1."""
        return item_weights(self.problem.codes[rows], self._k, self.problem.class_weight)

    @property
    def _k(self) -> int:
        return self.problem.n_classes


def surest(
    confidence: NDArray[np.floating], codes: NDArray[np.integer], share: float
) -> NDArray[np.intp]:
    """Positions of the surest items of each class, a share of it but at least one.

    Parameters
    ----------
    confidence, codes
        (n,), of each item and its class.

    Examples
    --------
    >>> surest(np.array([0.9, 0.8, 0.7, 0.6, 0.3]), np.array([0, 0, 0, 0, 1]), 0.5).tolist()
    [0, 1, 4]
    """
    order = np.lexsort((-confidence, codes))
    counts = np.bincount(codes)
    place = np.empty(len(codes), np.intp)
    place[order] = np.arange(len(codes)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.flatnonzero(place < np.ceil(share * counts[codes]))


def fit_self_training(
    X: ArrayLike,
    codes: NDArray[np.integer],
    unlabelled: ArrayLike,
    n_classes: int,
    *,
    class_weight: ClassWeight = None,
) -> LinearHead:
    """A head from labelled features and unlabelled ones of the same kind; see ``SelfTraining``.

    Parameters
    ----------
    X
        Labelled features, (n, d).
    codes
        Class of each, (n,), from 0 to k - 1.
    unlabelled
        Further features, (m, d).
    n_classes
        k.
    class_weight
        None, or ``"balanced"``: classes then count alike.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> more = np.eye(2, dtype=np.float32)[np.arange(40) % 2] + rng.normal(0, 0.2, (40, 2))
    >>> head = fit_self_training([[1.0, 0.6], [0.6, 1.0]], np.array([0, 1]), more, 2)
    >>> head.logits(more[:4]).argmax(axis=1).tolist()
    [0, 1, 0, 1]
    """
    training = SelfTraining.prepare(X, codes, unlabelled, n_classes, class_weight=class_weight)
    return training.fit()
