"""What the names of classes add as training texts, and whether meaningless ones are left alone.

`python -m benchmarks.names [SEEDS]` (5 by default)

Four invented sets whose labels are words: 77 intents, topics of news, parts of a shop and tickets
of a bank, each judged on new texts. Names are shuffled among the 77 intents for the last part.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

import numpy as np

from benchmarks.record import Record
from benchmarks.text_ladder import intents
from benchmarks.timing import tell
from benchmarks.word_sets import word_sets
from topwork.data import Dataset, read
from topwork.inductive import FitSettings, fit

SEEDS = 5
SHOTS = (1, 2, 4, 8)
N_SHUFFLED = 40
NAMED = "the names of the classes as training texts"
PLAIN = FitSettings(baselines=False)


def _renamed(data: Dataset, rows: np.ndarray, names: Mapping[str, str] | None = None) -> Dataset:
    assert data.targets is not None
    labels = [str(label) for label in data.targets.values()]
    told = [(names or {}).get(labels[row], labels[row]) for row in rows]
    return read([data.items[row].value for row in rows], told, items="text")


def _drawn(data: Dataset, shots: int, seed: int) -> np.ndarray:
    assert data.targets is not None
    rng, codes = np.random.default_rng(seed), data.targets.codes
    classes = range(len(data.targets.labels))
    return np.concatenate([rng.permutation(np.flatnonzero(codes == c))[:shots] for c in classes])


def _pair(known: Dataset, new: Dataset, shots: int, seed: int) -> tuple[float, float]:
    """Accuracy on new texts where labels are codes, which say nothing, and where they are words."""
    own = _drawn(known, shots, seed)
    coded = {str(label): f"c{i:02}" for i, label in enumerate(new.targets.labels)}
    found = []
    for names in (coded, None):
        fitted = fit(_renamed(known, own, names), PLAIN)
        test = _renamed(new, np.arange(len(new)), names)
        found.append(float(fitted.model.evaluate(test).scores.accuracy.value))
    return found[0], found[1]


def main() -> None:
    seeds = int(next((a for a in sys.argv[1:] if a.isdigit()), SEEDS))
    record = Record("names")
    known, new = intents()
    sets = [("77 intents", known, new), *word_sets()]
    rows, first, least = [], [], []
    for name, own, others in sets:
        for shots in SHOTS:
            pairs = [_pair(own, others, shots, seed) for seed in range(seeds)]
            gains = [b - a for a, b in pairs]
            plain, named = np.mean(pairs, axis=0)
            rows.append((name, shots, float(plain), float(named), min(gains)))
            tell(f"{name}, {shots} per class: {plain:.3f}, with names {named:.3f}")
            least.append(float(np.mean(gains)))
            if shots == 1:
                first.append(float(np.mean(gains)))
    headings = ("set", "labels per class", "labels are codes", "labels are words", "least gain")
    record.table(f"Accuracy on new texts, means of {seeds} seeds", headings, rows)
    record.target("gain at one label per class, mean over sets", float(np.mean(first)), least=0.10)
    record.note("least mean gain of a set and a number of labels", min(least))
    record.target("least gain of any draw", min(row[-1] for row in rows), least=-0.005)
    used = 0
    for seed in range(N_SHUFFLED):
        rng, labels = np.random.default_rng(seed), [str(v) for v in new.targets.labels]
        other = dict(zip(labels, rng.permutation(labels).tolist(), strict=True))
        fitted = fit(_renamed(known, _drawn(known, 1 + seed % 4, seed), other), PLAIN)
        used += any(trial.candidate.name == NAMED for trial in fitted.artifacts.trials)
    record.target("share of shuffled names that are used", used / N_SHUFFLED, most=0.05)
    record.write()


if __name__ == "__main__":
    main()
