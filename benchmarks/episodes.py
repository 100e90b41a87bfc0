"""Few-shot episodes: accuracy, what predicting together adds, seconds, and what intervals hold.

`python -m benchmarks.episodes [REPEATS]` (200 by default; `TOPWORK_BENCH_DATA` names the folder
with CIFAR-mini, PACS-mini and SST-2; sets without their data are skipped)

600 episodes of five classes, one and five labels per class, balanced and by Dirichlet shares. The
interval over classes is held against the accuracy on other classes of a drawn population.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from benchmarks.bench_data import bench_data
from benchmarks.cluster_sets import grouped_sets
from benchmarks.record import Record
from tests.metalearning.populations import accuracies
from topwork.metalearning import evaluate_episodes
from topwork.metalearning.episodes import EpisodeSampler
from topwork.metalearning.evaluation import run_episodes
from topwork.metalearning.uncertainty import over_classes

REPEATS = 200
WAYS = 5
SHOTS = (1, 5)
LEAST = {1: 0.47, 5: 0.65}


def on_test_classes(record: Record) -> None:
    """CIFAR-mini's test part, from the command's function."""
    folder = bench_data(record, "cifar-mini", "test")
    if folder is None:
        return
    evaluate_episodes(folder, episodes=20)  # features into the store
    for queries in ("balanced", "dirichlet"):
        found = evaluate_episodes(folder, queries=queries)
        for one in found.shots:
            name = f"CIFAR-10 test part, {queries}, {one.shots} per class"
            record.note(f"{name}: accuracy alone", one.accuracy.value)
            record.note(
                f"{name}: interval over classes", [one.over_classes.low, one.over_classes.high]
            )
            if queries == "balanced":
                record.target(name, one.accuracy.value, least=LEAST[one.shots])
            elif one.shots == 1:
                record.target(f"{name}: gain together", one.gain.value, least=0.05)
        record.target(f"seconds of 600 episodes twice, {queries}", found.seconds, most=10.0)


def on_more_sets(record: Record) -> None:
    """Predicting together on every set with at least five classes."""
    rows, worst = [], []
    for one in grouped_sets(record):
        k = int(one.codes.max()) + 1
        if one.kind == "row" or k < WAYS:
            continue
        members = [[np.array([row]) for row in np.flatnonzero(one.codes == c)] for c in range(k)]
        cells: list[float] = []
        for shots in SHOTS:
            sampler = EpisodeSampler(members, WAYS, shots, 15, "dirichlet")
            found = run_episodes(one.X, sampler, 600)
            gain = float((found.together - found.alone).mean())
            cells += [100 * float(found.alone.mean()), 100 * float(found.together.mean())]
            worst.append(gain)
        rows.append((one.name, *cells))
    record.table(
        "Dirichlet queries, accuracy in %",
        ("set", "alone, 1", "together, 1", "alone, 5", "together, 5"),
        rows,
    )
    record.target("least gain of predicting together", min(worst), least=-0.005)


def coverage(record: Record, repeats: int) -> None:
    """Of the interval over classes, for 15 and 30 classes."""
    truth = np.mean([accuracies(10_000 + i, 60, n_episodes=100)[0].mean() for i in range(100)])
    for k in (10, 15, 30):
        held = []
        for seed in range(repeats):
            low, high = over_classes(*accuracies(seed, k, n_episodes=200))
            held.append(low <= truth <= high)
        record.target(f"{k} classes: interval over classes holds", float(np.mean(held)), least=0.93)


def main() -> None:
    repeats = int(next((a for a in sys.argv[1:] if a.isdigit()), REPEATS))
    record = Record("episodes")
    begun = time.monotonic()
    on_test_classes(record)
    on_more_sets(record)
    coverage(record, repeats)
    record.note("seconds", time.monotonic() - begun)
    record.write()


if __name__ == "__main__":
    main()
