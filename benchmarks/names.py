"""What the names of classes add as training texts, and whether meaningless ones are left alone.

`python -m benchmarks.names [SEEDS]` (5 by default)

77 invented intents whose labels are words, judged on 20 new texts of each. Names are shuffled among
the classes for the second part.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

import numpy as np

from benchmarks.record import Record
from benchmarks.text_ladder import intents
from benchmarks.timing import tell
from topwork.data import Dataset, read
from topwork.inductive import FitSettings, fit

SEEDS = 5
SHOTS = (1, 2, 4, 8)
N_SHUFFLED = 40
NAMED = "the names of the classes as training texts"


def _renamed(data: Dataset, rows: np.ndarray, names: Mapping[str, str] | None = None) -> Dataset:
    assert data.targets is not None
    labels = [str(label) for label in data.targets.values()]
    told = [(names or {}).get(labels[row], labels[row]) for row in rows]
    return read([data.items[row].value for row in rows], told, items="text")


def _drawn(data: Dataset, shots: int, seed: int) -> np.ndarray:
    assert data.targets is not None
    rng, codes = np.random.default_rng(seed), data.targets.codes
    return np.concatenate([rng.permutation(np.flatnonzero(codes == c))[:shots] for c in range(77)])


def main() -> None:
    seeds = int(next((a for a in sys.argv[1:] if a.isdigit()), SEEDS))
    record = Record("names")
    known, new = intents()
    plain_settings, rows = FitSettings(baselines=False), []
    gains: dict[int, list[float]] = {}
    for shots in SHOTS:
        accuracies = []
        for seed in range(seeds):
            own = _drawn(known, shots, seed)
            codes = {f"c{i:02}": label for i, label in enumerate(new.targets.labels)}
            coded = {label: code for code, label in codes.items()}
            pair = []
            for names in (coded, None):  # codes for labels say nothing: the plain probe
                fitted = fit(_renamed(known, own, names), plain_settings)
                test = _renamed(new, np.arange(len(new)), names)
                pair.append(float(fitted.model.evaluate(test).scores.accuracy.value))
            accuracies.append(pair)
            tell(f"{shots} per class, seed {seed}: {pair[0]:.3f}, with names {pair[1]:.3f}")
        plain, named = np.mean(accuracies, axis=0)
        gains[shots] = [b - a for a, b in accuracies]
        rows.append((str(shots), float(plain), float(named)))
    record.table("accuracy", ("labels per class", "labels are codes", "labels are words"), rows)
    record.target("gain at one label per class", float(np.mean(gains[1])), least=0.10)
    record.target("least gain of any draw", min(min(g) for g in gains.values()), least=-0.005)
    used = 0
    for seed in range(N_SHUFFLED):
        rng, labels = np.random.default_rng(seed), [str(v) for v in new.targets.labels]
        other = dict(zip(labels, rng.permutation(labels).tolist(), strict=True))
        fitted = fit(_renamed(known, _drawn(known, 1 + seed % 4, seed), other), plain_settings)
        used += any(trial.candidate.name == NAMED for trial in fitted.artifacts.trials)
    record.target("share of shuffled names that are used", used / N_SHUFFLED, most=0.05)
    record.write()


if __name__ == "__main__":
    main()
