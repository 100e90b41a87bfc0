"""Going on from a saved model with new classes, beside training on everything and on the new alone.

`python -m benchmarks.going_on`
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.data import Dataset, read
from topwork.inductive import FitSettings, fit
from topwork.model import Model

TRAINED = 30
"""Photographs of a class to train on, of 40: more than the rows that a model remembers."""

MAX_LOST = 0.05
"""Balanced accuracy over all classes that going on may cost against all images at once."""

SETTINGS = FitSettings(baselines=False)


@dataclass(frozen=True)
class Split:
    """Items to train on, items to test on, and the labels that come first."""

    train: Dataset
    test: Dataset
    old: frozenset[str]


@dataclass
class Scores:
    """Balanced accuracy on the old, the new and all classes, one a split."""

    old: list[float] = field(default_factory=list)
    new: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)

    def add(self, model: Model, split: Split) -> None:
        labels = np.array(_labels(split.test))
        said = np.array([str(label) for label in model.predict(split.test.items)])
        recall = {c: float((said[labels == c] == c).mean()) for c in np.unique(labels)}
        self.old.append(float(np.mean([r for c, r in recall.items() if c in split.old])))
        self.new.append(float(np.mean([r for c, r in recall.items() if c not in split.old])))
        self.whole.append(float(np.mean(list(recall.values()))))


def main() -> None:
    record = Record("continual")
    photo = bench_data(record, "pacs-mini", "photo")
    if photo:
        data = read(photo)
        _measure(record, "pacs-mini photo, 5 + 2", [_photos(data, seed) for seed in range(3)])
    cifar = bench_data(record, "cifar-mini")
    if cifar:
        train, test = read(cifar, split="train"), read(cifar, split="test")
        splits = [Split(train, test, _some(train, 5, seed)) for seed in range(3)]
        _measure(record, "cifar-mini, 5 + 5", splits)
    record.write()


def _photos(data: Dataset, seed: int) -> Split:
    assert data.targets is not None
    rng = np.random.default_rng(seed)
    train = np.zeros(len(data), bool)
    for code in range(data.n_classes):
        train[rng.permutation(np.flatnonzero(data.targets.codes == code))[:TRAINED]] = True
    return Split(data.take(train), data.take(~train), _some(data, 5, seed))


def _some(data: Dataset, n: int, seed: int) -> frozenset[str]:
    names = sorted(set(_labels(data)))
    return frozenset(np.random.default_rng(seed).permutation(names)[:n].tolist())


def _labels(data: Dataset) -> list[str]:
    assert data.targets is not None
    return [str(label) for label in data.targets.values()]


def _measure(record: Record, title: str, splits: Sequence[Split]) -> None:
    ways = {name: Scores() for name in ("everything at once", "going on", "the new classes alone")}
    before, told = Scores(), []
    with own_cache() as root:
        for split in splits:
            old = np.array([label in split.old for label in _labels(split.train)])
            start = root / "earlier.topwork"
            earlier = _fitted(split, old, start)
            before.add(earlier, split)
            data = split.train.take(~old).without_empty_classes()
            went = fit(data, replace(SETTINGS, start=start))
            ways["going on"].add(went.model, split)
            ways["everything at once"].add(_fitted(split, np.ones(len(old), bool)), split)
            ways["the new classes alone"].add(_fitted(split, ~old), split)
            found = went.result.continual
            assert found is not None
            assert found.old is not None
            assert found.new is not None
            told.append((found.old.before.value, found.old.after.value, found.new.after.value))
            tell(f"{title}: {found.sentence}")
    _write(record, title, ways, before, np.array(told))


def _fitted(split: Split, rows: NDArray[np.bool_], save_to: Path | None = None) -> Model:
    return fit(split.train.take(rows).without_empty_classes(), SETTINGS, save_to=save_to).model


def _write(
    record: Record,
    title: str,
    ways: dict[str, Scores],
    before: Scores,
    told: NDArray[np.float64],
) -> None:
    rows = [(n, np.mean(s.old), np.mean(s.new), np.mean(s.whole)) for n, s in ways.items()]
    rows.append(("the earlier model", np.mean(before.old), 0.0, None))
    record.table(
        f"{title}: balanced accuracy on test images",
        ("way", "old classes", "new classes", "all"),
        rows,
    )
    record.table(
        f"{title}: what the fit itself said",
        ("", "old before", "old after", "new after"),
        [("mean of the splits", *told.mean(axis=0))],
    )
    lost = np.mean(ways["everything at once"].whole) - np.mean(ways["going on"].whole)
    record.target(f"{title}: lost against everything at once", float(lost), most=MAX_LOST)


if __name__ == "__main__":
    main()
