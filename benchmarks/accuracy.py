"""Balanced accuracy of topwork and of a plain script, on the same images with the same weights.

`python -m benchmarks.accuracy`

The script: timm's features as its documentation teaches them, then scikit-learn's
LogisticRegressionCV once on standardised and once on L2-normalised features. The better of the
two *on the test items* is what topwork is held against, which favours the script.
"""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.peers import timm_features, timm_lite0
from benchmarks.precision import computed_in
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.data import Dataset, read
from topwork.inductive import fit

SEEDS = range(5)
C_GRID = np.logspace(-4, 2, 7)
MAX_ITERATIONS = 200
"""LogisticRegressionCV would take minutes longer with 1,000, for the largest C only."""

MIN_DIFFERENCE = -0.005
SCALERS = {"standardised": StandardScaler, "L2-normalised": Normalizer}
Features = NDArray[np.float32]


@dataclass(frozen=True)
class Split:
    """What to learn from, and what to be judged on."""

    train: Dataset
    test: Dataset


@dataclass
class Outcome:
    """Balanced accuracy of each split, and seconds of all splits together."""

    scores: list[float]
    features: float = 0.0
    head: float = 0.0
    total: float = 0.0


def main() -> None:
    record = Record("accuracy")
    cifar = bench_data(record, "cifar-mini")
    if cifar:
        _compare(
            record, "cifar-mini", [Split(read(cifar, split="train"), read(cifar, split="test"))]
        )
    photo = bench_data(record, "pacs-mini", "photo")
    if photo:
        splits = [_halves(read(photo), seed) for seed in SEEDS]
        _compare(record, f"pacs-mini photo, {len(splits)} random halves", splits)
    record.note(
        "LogisticRegressionCV",
        f"{len(C_GRID)} values of C from 1e-4 to 100, 5 folds, max_iter {MAX_ITERATIONS}",
    )
    record.write()


def _halves(data: Dataset, seed: int) -> Split:
    """Half of each class to learn from."""
    assert data.targets is not None
    rng = np.random.default_rng(seed)
    train = np.zeros(len(data), bool)
    for code in range(data.n_classes):
        rows = rng.permutation(np.flatnonzero(data.targets.codes == code))
        train[rows[: len(rows) // 2]] = True
    return Split(data.take(train), data.take(~train))


def _compare(record: Record, title: str, splits: list[Split]) -> None:
    ours = _topwork(splits)
    tell(f"{title}: topwork {np.mean(ours.scores):.4f}")
    with computed_in("float32"):  # what processors without bfloat16 units give
        single = _topwork(splits)
    tell(f"{title}: topwork in float32 {np.mean(single.scores):.4f}")
    plain = _plain(splits)
    outcomes = {"topwork fit + evaluate": ours, "the same in float32": single, **plain}
    rows = [
        (name, float(np.mean(o.scores)), min(o.scores), o.features, o.head, o.total)
        for name, o in outcomes.items()
    ]
    record.table(
        title,
        ("way", "balanced accuracy", "min", "seconds of features", "of heads", "in all"),
        rows,
    )
    best = max(plain, key=lambda name: np.mean(plain[name].scores))
    record.target(
        f"{title}: topwork − {best}",
        float(np.mean(ours.scores) - np.mean(plain[best].scores)),
        least=MIN_DIFFERENCE,
    )


def _topwork(splits: list[Split]) -> Outcome:
    """A fit finds the features of an earlier one in the store; tests are computed each time."""
    outcome = Outcome([])
    with own_cache():
        for split in splits:
            begun = time.perf_counter()
            fitted = fit(split.train)
            found = fitted.model.evaluate(split.test)
            outcome.scores.append(found.scores.balanced_accuracy.value)
            outcome.features += fitted.result.seconds.features + found.seconds
            outcome.head += fitted.result.seconds.head
            outcome.total += time.perf_counter() - begun
    return outcome


def _plain(splits: list[Split]) -> dict[str, Outcome]:
    """Each image goes through the network once, whatever the number of splits."""
    begun = time.perf_counter()
    features = _all_features(splits)
    seconds = time.perf_counter() - begun
    outcomes = {name: Outcome([], features=seconds, total=seconds) for name in SCALERS}
    for split in splits:
        train, test = (_rows(features, part) for part in (split.train, split.test))
        for name, scaler in SCALERS.items():
            begun = time.perf_counter()
            score = _logistic(scaler(), train, test)
            head = time.perf_counter() - begun
            outcomes[name].scores.append(score)
            outcomes[name].head += head
            outcomes[name].total += head
            tell(f"{name}: {score:.4f} after {head:.1f} s")
    return {f"plain script, {name}": outcome for name, outcome in outcomes.items()}


def _all_features(splits: list[Split]) -> dict[Path, Features]:
    parts = [part for split in splits for part in (split.train, split.test)]
    files = sorted({item.path for part in parts for item in part.items if item.path})
    return dict(zip(files, timm_features(timm_lite0(), files), strict=True))


def _rows(features: dict[Path, Features], data: Dataset) -> tuple[Features, NDArray[np.int64]]:
    assert data.targets is not None
    return np.stack([features[i.path] for i in data.items if i.path]), data.targets.codes


def _logistic(
    scaler: StandardScaler | Normalizer,
    train: tuple[Features, NDArray[np.int64]],
    test: tuple[Features, NDArray[np.int64]],
) -> float:
    head = LogisticRegressionCV(Cs=C_GRID, cv=5, max_iter=MAX_ITERATIONS, n_jobs=-1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the largest C does not converge
        fitted = make_pipeline(scaler, head).fit(*train)
    return float(balanced_accuracy_score(test[1], fitted.predict(test[0])))


if __name__ == "__main__":
    main()
