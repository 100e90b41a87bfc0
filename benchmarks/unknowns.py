"""Which score tells images of classes that were left out from those of known classes.

`python -m benchmarks.unknowns`

Two classes at a time are left out, every pair of them; a fifth of the known classes' images is
held out, another fifth for every pair. Scores of all pairs are pooled into one area under the
curve. The detector that ships also sets a threshold for 5 % false alarms on its training images.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.data import read
from topwork.evaluation.auroc import auroc
from topwork.evaluation.known_space import fit_known_space
from topwork.evaluation.leading_axes import leading_axes
from topwork.evaluation.unknown import fit_unknown
from topwork.features import silent
from topwork.heads import fit_logistic, normalise_rows, stratified_folds
from topwork.inductive import FitSettings
from topwork.inductive.looking import look

DATA = (
    ("pacs-mini", "photo"),
    ("pacs-mini", "art_painting"),
    ("pacs-mini", "cartoon"),
    ("pacs-mini", "sketch"),
    ("cifar-mini", "train"),
)
N_FOLDS = 5
PER_CLASS = 60
"""Of cifar-mini: as many as the others have, about."""

Array = NDArray[np.float32]
Codes = NDArray[np.int64]
Scorer = Callable[[Array], Array]
"""Larger is more unknown."""


def main() -> None:
    record = Record("unknowns")
    areas: dict[str, dict[str, float]] = {}
    alarms = []
    for parts in DATA:
        folder = bench_data(record, *parts)
        if folder is None:
            continue
        name = " ".join(parts)
        X, codes = _features(folder)
        areas[name] = {way: _area(fit, X, codes) for way, fit in CANDIDATES.items()}
        area, false, found = _detector(X, codes)
        alarms.append((name, area, false, found))
        tell(f"{name}: {area:.3f}, false alarms {false:.3f}")
        if parts == ("pacs-mini", "photo"):
            record.target("photographs: area under the curve", area, least=0.90)
            record.target("photographs: false alarms", false, most=0.08)
            record.target("photographs: false alarms", false, least=0.03)
    if areas:
        rows = [
            (way, *(found[way] for found in areas.values()), _mean(areas, way))
            for way in CANDIDATES
        ]
        record.table(
            "Area under the curve, unknown against known",
            ("score", *areas, "mean"),
            sorted(rows, key=lambda row: -row[-1]),
        )
        record.table(
            "The detector that ships, at 5 %",
            ("data", "area under the curve", "false alarms", "unknown ones found"),
            alarms,
        )
    record.write()


def _mean(areas: dict[str, dict[str, float]], way: str) -> float:
    return float(np.mean([found[way] for found in areas.values()]))


def _features(folder: Path) -> tuple[Array, Codes]:
    data = read(folder)
    assert data.targets is not None
    codes = data.targets.codes
    rng = np.random.default_rng(0)
    kept = [rng.permutation(np.flatnonzero(codes == c))[:PER_CLASS] for c in np.unique(codes)]
    with own_cache():
        some = data.take(np.sort(np.concatenate(kept)))
        frozen = look(some, FitSettings(baselines=False), silent).frozen
        assert frozen.data.targets is not None
        return frozen.features.astype(np.float32), frozen.data.targets.codes


@dataclass(frozen=True, eq=False)
class Trial:
    """One pair left out: what to fit on, held-out rows of known classes, unknown rows."""

    X: Array
    codes: Codes
    known: Array
    unknown: Array


def _trials(X: Array, codes: Codes) -> list[Trial]:
    folds = stratified_folds(codes, n_folds=N_FOLDS)
    trials = []
    for i, pair in enumerate(combinations(np.unique(codes), 2)):
        out = np.isin(codes, pair)
        test = ~out & (folds == i % N_FOLDS)
        train = ~out & ~test
        trials.append(Trial(X[train], codes[train], X[test], X[out]))
    return trials


def _pooled(known: list[Array], unknown: list[Array]) -> float:
    scores = np.concatenate(known + unknown)
    return auroc(scores, np.arange(len(scores)) >= sum(map(len, known)))[0]


def _area(fit: Callable[[Array, Codes], Scorer], X: Array, codes: Codes) -> float:
    known, unknown = [], []
    for trial in _trials(X, codes):
        scorer = fit(trial.X, trial.codes)
        known.append(scorer(trial.known))
        unknown.append(scorer(trial.unknown))
    return _pooled(known, unknown)


def _detector(X: Array, codes: Codes) -> tuple[float, float, float]:
    """Area under the curve, false alarms, and unknown images found, of all pairs."""
    known, unknown, false, found = [], [], [], []
    for trial in _trials(X, codes):
        folds = stratified_folds(trial.codes, n_folds=N_FOLDS)
        detector = fit_unknown(trial.X, trial.codes, folds=folds)
        known.append(detector.space.scores(trial.known))
        unknown.append(detector.space.scores(trial.unknown))
        false.append(known[-1] > detector.threshold)
        found.append(unknown[-1] > detector.threshold)
    shares = (float(np.concatenate(said).mean()) for said in (false, found))
    return (_pooled(known, unknown), *shares)


def _whitened_cosine(X: Array, codes: Codes) -> Scorer:
    return fit_known_space(X, codes).scores


def _cosine(X: Array, codes: Codes) -> Scorer:
    means = _means(normalise_rows(X), codes)
    centre = means.mean(axis=0)
    directions = normalise_rows(means - centre)
    return lambda rows: -(normalise_rows(normalise_rows(rows) - centre) @ directions.T).max(axis=1)


def _neighbour(X: Array, codes: Codes, *, which: int) -> Scorer:  # noqa: ARG001
    bank = normalise_rows(X)
    return lambda rows: -np.sort(normalise_rows(rows) @ bank.T, axis=1)[:, -which]


def _means(rows: Array, codes: Codes) -> Array:
    return np.stack([rows[codes == c].mean(axis=0) for c in np.unique(codes)])


def _distance(within: Array, freedom: int, shrinkage: float) -> Callable[[Array], Array]:
    """Squared Mahalanobis length under the shrunk covariance of centred rows."""
    axes, squares = leading_axes(within, len(within))
    floor = shrinkage * float(squares.sum()) / freedom / within.shape[1]
    inverse = 1 / ((1 - shrinkage) * squares / freedom + floor) - 1 / floor

    def length(rows: Array) -> Array:
        plain = np.square(rows).sum(axis=1) / floor
        return np.asarray(plain + np.square(rows @ axes) @ inverse)

    return length


def _mahalanobis(
    X: Array, codes: Codes, *, normalise: bool, relative: bool, shrinkage: float
) -> Scorer:
    prepared = normalise_rows if normalise else np.asarray
    rows, (_, members) = prepared(X), np.unique(codes, return_inverse=True)
    means, centre = _means(rows, codes), rows.mean(axis=0)
    within = _distance(rows - means[members], len(rows) - len(means), shrinkage)
    whole = _distance(rows - centre, len(rows) - 1, shrinkage)

    def score(new: Array) -> Array:
        new = prepared(new)
        nearest = np.min([within(new - mean) for mean in means], axis=0)
        return np.asarray(nearest - whole(new - centre) if relative else nearest)

    return score


def _of_logits(X: Array, codes: Codes, *, summary: Callable[[Array], Array]) -> Scorer:
    names, numbers = np.unique(codes, return_inverse=True)
    head = fit_logistic(X, numbers, len(names))
    return lambda rows: -summary(head.logits(rows))


def _energy(logits: Array) -> Array:
    return np.asarray(np.logaddexp.reduce(logits, axis=1))


def _largest_logit(logits: Array) -> Array:
    return np.asarray(logits.max(axis=1))


def _largest_probability(logits: Array) -> Array:
    return _largest_logit(logits) - _energy(logits)


CANDIDATES: dict[str, Callable[[Array, Codes], Scorer]] = {
    "whitened cosine to a class mean": _whitened_cosine,
    "cosine to a class mean": _cosine,
    "nearest neighbour": partial(_neighbour, which=1),
    "fifth neighbour": partial(_neighbour, which=5),
    "Mahalanobis, not normalised": partial(
        _mahalanobis, normalise=False, relative=False, shrinkage=0.1
    ),
    "Mahalanobis": partial(_mahalanobis, normalise=True, relative=False, shrinkage=0.1),
    "Mahalanobis, shrunk by 0.9": partial(
        _mahalanobis, normalise=True, relative=False, shrinkage=0.9
    ),
    "relative Mahalanobis, shrunk by 0.9": partial(
        _mahalanobis, normalise=True, relative=True, shrinkage=0.9
    ),
    "energy": partial(_of_logits, summary=_energy),
    "largest logit": partial(_of_logits, summary=_largest_logit),
    "largest probability": partial(_of_logits, summary=_largest_probability),
}


if __name__ == "__main__":
    main()
