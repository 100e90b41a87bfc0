"""What images without labels bring: CIFAR-10 with few labels a class, the rest of train unlabelled.

`python -m benchmarks.unlabelled [SEEDS]`
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.data import Dataset, read
from topwork.features.opened_backbone import read_once
from topwork.inductive import FitSettings, fit
from topwork.inductive.fitting import Fitted
from topwork.runtime.progress import silent
from topwork.trials.trial import Trial, targets_of

SEEDS = 5
PER_CLASS = (4, 10, 40)


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    record = Record("unlabelled")
    folder = bench_data(record, "cifar-mini")
    if folder is not None:
        with own_cache():
            for per_class in PER_CLASS:
                _measure(record, folder, per_class, seeds)
    record.write()


def _measure(record: Record, folder: Path, per_class: int, seeds: int) -> None:
    """Test accuracy of the probe, the self-trained head and what ships, over the seeds."""
    rows = []
    for seed in range(seeds):
        labelled, others = _divided(read(folder), per_class, seed)
        fitted = fit(labelled, FitSettings(seed=seed), unlabelled=others)
        rows.append(_accuracies(fitted, read(folder, split="test")))
        shown = ", ".join(f"{value:.3f}" for value in rows[-1])
        tell(f"{per_class} a class, seed {seed}: probe, self-trained, shipped {shown}")
    probe, trained, selected = np.array(rows).T
    gains = (("self-trained", trained - probe), ("what ships", selected - probe))
    record.table(
        f"{per_class} labels a class, {seeds} seeds, test accuracy",
        ("", "accuracy", "gain", "standard error", "least gain", "times worse"),
        [("probe", probe.mean(), None, None, None, None)]
        + [
            (name, (probe + g).mean(), g.mean(), _error(g), g.min(), int(np.sum(g < 0)))
            for name, g in gains
        ],
    )
    gain = gains[1][1]
    record.note(f"{per_class} a class: how often it ships", float(np.mean(selected == trained)))
    if per_class <= 10:
        # the worst that may be: the gain is above its standard error
        excess = gain.mean() - _error(gain)
        record.target(f"{per_class} a class: gain minus its standard error", excess, least=0.0)


def _divided(data: Dataset, per_class: int, seed: int) -> tuple[Dataset, list[str]]:
    """So many items of each class, and the paths of all others."""
    assert data.targets is not None
    codes = data.targets.codes
    order = np.random.default_rng(seed).permutation(len(codes))
    first = [order[codes[order] == c][:per_class] for c in range(data.n_classes)]
    rows = np.sort(np.concatenate(first))
    others = np.setdiff1d(np.arange(len(codes)), rows)
    return data.take(rows), [str(data.items[i].path) for i in others]


def _accuracies(fitted: Fitted, test: Dataset) -> tuple[float, float, float]:
    """Of the probe, the self-trained head and what ships."""
    artifacts = fitted.artifacts
    trained = next(t for t in artifacts.trials if t.instead_of is not None)
    wanted = artifacts.transfer.frozen.opened.request
    found = read_once(test, wanted, max_bad=0.0, progress=silent)
    X: NDArray[np.floating] = wanted.store.read(found.keys)
    assert test.targets is not None
    truth = np.array(test.targets.values())

    def accuracy(trial: Trial) -> float:
        labels = np.array(targets_of(trial.frozen).labels)
        return float(np.mean(labels[trial.head.linear.logits(X).argmax(axis=1)] == truth))

    # raw pixels or the majority class may ship, too: their features are others
    selected = artifacts.chosen if artifacts.chosen.frozen is trained.frozen else artifacts.transfer
    return accuracy(artifacts.transfer), accuracy(trained), accuracy(selected)


def _error(gains: NDArray[np.floating]) -> float:
    return float(np.std(gains, ddof=1) / np.sqrt(len(gains))) if len(gains) > 1 else 0.0


if __name__ == "__main__":
    main()
