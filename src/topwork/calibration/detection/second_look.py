"""The second look: the probability that a detected box is right, from more than its score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.detection.box_features import BoxFeatures
from topwork.calibration.detection.class_evidence import (
    EVIDENCE_COLUMNS,
    ClassEvidence,
    FoldedEvidence,
    evidence_columns,
)
from topwork.calibration.detection.newton import fit_weights, sigmoid
from topwork.errors import DataError
from topwork.metrics.detection.flat import rank_within

#: How the names of the evidence's arrays begin.
EVIDENCE: Final = "evidence_"
#: Penalties of the ridge on the network's features that are tried, in deviations of these.
PENALTIES = (1e2, 1e3, 1e4)
#: Boxes of an image that the ridge is fitted on, the most confident: hundreds of boxes that show
#: nothing outweigh the few that show something.
MAX_LEARNT = 20
#: Penalty on the weights of scores, shapes, evidence and class.
_OWN_PENALTY = 1.0
_MIN_EACH = 20
#: Folds that features of a network need: the evidence that is learnt from is itself held out.
_MIN_FOLDS = 3

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SecondLook:
    """``log odds = ((row − mean) / scale) · weights + intercepts[class]``.

    A row is what `BoxFeatures` holds of a box, and the evidence of the network's features.

    Parameters
    ----------
    mean, scale, weights
        float64 (d,).
    intercepts
        float64 (k,).
    evidence
        From the features of the network; None without.
    """

    mean: Float64
    scale: Float64
    weights: Float64
    intercepts: Float64
    evidence: ClassEvidence | None

    def probabilities(self, features: BoxFeatures) -> NDArray[np.float32]:
        """That each detection is right, (m,)."""
        rows = features.rows
        if self.evidence is not None:
            assert features.network is not None, "it was fitted with features of the network"
            rows = np.hstack([rows, self.evidence.columns(features.network, features.classes)])
        return self.of_rows(rows, features.classes)

    def arrays(self) -> dict[str, NDArray[np.floating]]:
        """All of it by name, as `from_arrays` takes it."""
        found: dict[str, NDArray[np.floating]] = {
            name: getattr(self, name) for name in ("mean", "scale", "weights", "intercepts")
        }
        if self.evidence is not None:
            found |= {f"{EVIDENCE}{name}": value for name, value in vars(self.evidence).items()}
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> SecondLook:
        """Put together what `arrays` gave."""
        own = {n: a for n, a in arrays.items() if not n.startswith(EVIDENCE)}
        parts = {n.removeprefix(EVIDENCE): a for n, a in arrays.items() if n.startswith(EVIDENCE)}
        return cls(**own, evidence=ClassEvidence(**parts) if parts else None)

    def of_rows(self, rows: Float64, classes: NDArray[np.integer]) -> NDArray[np.float32]:
        """As ``probabilities``, of whole rows (m, d)."""
        odds = (rows - self.mean) / self.scale @ self.weights
        return sigmoid(odds + self.intercepts[classes]).astype(np.float32)


@dataclass(frozen=True, eq=False)
class SecondLookFit:
    """A second look with what it says of detections that it was not fitted on.

    Parameters
    ----------
    look
        Fitted on all detections.
    held_out
        Probabilities by fits on the other folds, everything chosen on those too, float32 (m,).
    penalty
        Of the ridge of ``look``; None without features of a network.
    """

    look: SecondLook
    held_out: NDArray[np.float32]
    penalty: float | None


def fit_second_look(
    features: BoxFeatures,
    shown: NDArray[np.integer],
    right: Bool,
    judged: Bool,
    *,
    folds: NDArray[np.integer],
    n_classes: int,
    penalties: Sequence[float] = PENALTIES,
) -> SecondLookFit:
    """Fit a logistic model of whether a detection is right.

    The network's features are first turned into the evidence for each class and for none, by a
    ridge on what boxes show; the evidence that the logistic model learns from is of folds that the
    ridge was not fitted on. Linear weights on the features themselves can't say that a box
    shows another class than it claims.

    Parameters
    ----------
    features
        Of detections that no model was trained on, m.
    shown
        Class of the object in each box, k for none, (m,).
    right
        Whether each is right, (m,).
    judged
        Whether it is fitted on: not those on ignored objects, (m,).
    folds
        Fold of each image, (n,); images of one group share a fold.
    n_classes
        k.
    penalties
        Of the ridge, of which the one with the smallest log loss is used.

    Raises
    ------
    DataError
        There are fewer than 20 right or fewer than 20 false detections, or too few folds.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = rng.normal(size=(400, 2))
    >>> features = BoxFeatures(rows, np.zeros(400, int), np.repeat(np.arange(40), 10))
    >>> right = rows[:, 0] + rows[:, 1] > 0
    >>> fit = fit_second_look(
    ...     features, 1 - right, right, np.ones(400, bool), folds=np.arange(40) % 4, n_classes=1
    ... )
    >>> bool(((fit.held_out > 0.5) == right).mean() > 0.9)
    True
    """
    own = folds[features.image]
    names = [int(name) for name in np.unique(own)]
    _check(right[judged], names, least=2 if features.network is None else _MIN_FOLDS)
    problem = _Problem(features, right, judged, own, n_classes)
    if features.network is None:
        tables: dict[float | None, _Tables] = {None: _Tables.without(features.rows, names)}
        folded = None
    else:
        learnt = judged & (rank_within(features.image) < MAX_LEARNT)
        folded = FoldedEvidence(
            features.network, shown, judged=learnt, folds=own, n_classes=n_classes
        )
        tables = {p: _Tables.of(features, folded, own, names, penalty=p) for p in penalties}
    held_out = np.empty(len(own), dtype=np.float32)
    for fold in names:
        fits = {p: problem.fit(table.others[fold], own != fold) for p, table in tables.items()}
        best = min(fits, key=lambda p: fits[p][1])
        rows = tables[best].held_out[own == fold]
        held_out[own == fold] = fits[best][0].of_rows(rows, features.classes[own == fold])
    every = np.ones(len(own), dtype=bool)
    fits = {p: problem.fit(table.held_out, every) for p, table in tables.items()}
    best = min(fits, key=lambda p: fits[p][1])
    evidence = None
    if folded is not None and best is not None:
        evidence = folded.evidence(folded.weights((), best))
    found = fits[best][0]
    look = SecondLook(found.mean, found.scale, found.weights, found.intercepts, evidence)
    return SecondLookFit(look, held_out, best)


def _check(right: Bool, folds: Sequence[int], *, least: int) -> None:
    if min(right.sum(), (~right).sum()) < _MIN_EACH:
        raise DataError(
            f"{int(right.sum())} right and {int((~right).sum())} false detections are too few to "
            f"learn the difference from; {_MIN_EACH} of each are needed.",
            remedy="Keep the detector's scores, or annotate more images.",
        )
    if len(folds) < least:
        raise DataError(
            f"The detections are in {len(folds)} folds, and {least} are needed.",
            remedy="Divide the images into more folds.",
        )


@dataclass(frozen=True, eq=False)
class _Tables:
    """Rows of all boxes with evidence from other folds, at one penalty.

    Parameters
    ----------
    held_out
        By all folds but a box's own, (m, d).
    others
        By fold: by all but that one and a box's own, (m, d); its own boxes are not used.
    """

    held_out: Float64
    others: dict[int, Float64]

    @classmethod
    def without(cls, rows: Float64, names: Sequence[int]) -> _Tables:
        """There is no evidence."""
        return cls(rows, dict.fromkeys(names, rows))

    @classmethod
    def of(
        cls,
        features: BoxFeatures,
        folded: FoldedEvidence,
        own: NDArray[np.integer],
        names: Sequence[int],
        *,
        penalty: float,
    ) -> _Tables:
        """With the evidence of a ridge for every pair of folds left out."""
        shape = (len(own), EVIDENCE_COLUMNS)
        tables = {name: np.zeros(shape) for name in (None, *names)}
        for i, one in enumerate(names):
            for other in names[i:]:
                weights = folded.weights((one, other), penalty)
                for inside, outside in {(one, other), (other, one)}:
                    kept = own == inside
                    target = tables[None if one == other else outside]
                    target[kept] = evidence_columns(
                        folded.scores(weights, kept), features.classes[kept]
                    )
        whole = {name: np.hstack([features.rows, table]) for name, table in tables.items()}
        held_out = whole.pop(None)
        return cls(held_out, {name: table for name, table in whole.items() if name is not None})


@dataclass(frozen=True, eq=False)
class _Problem:
    """The logistic model, for any rows and any selection of the boxes."""

    features: BoxFeatures
    right: Bool
    judged: Bool
    own: NDArray[np.integer]
    n_classes: int

    def fit(self, rows: Float64, kept: Bool) -> tuple[SecondLook, float]:
        """The model, and its mean log loss on what it was fitted on."""
        used = kept & self.judged
        X, y, classes = rows[used], self.right[used].astype(float), self.features.classes[used]
        mean, deviation = X.mean(axis=0), X.std(axis=0)
        scale = np.where(deviation > 1e-9, deviation, 1.0)
        d = X.shape[1]
        table = np.hstack(
            [(X - mean) / scale, np.eye(self.n_classes)[classes], np.ones((len(X), 1))]
        )
        strengths = np.r_[np.full(d + self.n_classes, _OWN_PENALTY), 1e-6]
        start = np.zeros(table.shape[1])
        start[-1] = np.log(y.sum() + 1) - np.log(len(y) - y.sum() + 1)
        weights = fit_weights(table, y, strengths=strengths, start=start)
        look = SecondLook(mean, scale, weights[:d], weights[d:-1] + weights[-1], None)
        odds = table @ weights
        return look, float((np.logaddexp(0, odds) - y * odds).mean())
