"""What a search loses and gains, simulated: candidates whose true gain over the probe is known.

Six candidates share half of the variance of their true gains; what training anew changes differs
from fold to fold. The race judges each on one fold and the promising ones on all; the rule that the
gain is held against is "better by one standard error", with everything judged on all folds.

`python -m benchmarks.selection [REPEATS]`
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.metrics.paired import paired_items
from topwork.selection.choice import Candidate, choose
from topwork.selection.promising import promising

REPEATS = 2000
SIZES = (100, 300, 1000, 3000)
N_CANDIDATES, N_FOLDS = 6, 5
DIFFERS = 0.08
"""Share of items on which a candidate and the probe differ, beside its gain."""
LOST = 0.01

Gains = NDArray[np.float64]


@dataclass(frozen=True)
class Truth:
    """Mean and spread of the true gains, and of what training anew adds to a fold, as shares."""

    mean: float
    spread: float
    training: float

    def __str__(self) -> str:
        return (
            f"gains {100 * self.mean:+.0f} ± {100 * self.spread:.0f} points, folds ± "
            f"{100 * self.training:.0f}"
        )


TRUTHS = (Truth(0.0, 0.02, 0.01), Truth(-0.01, 0.02, 0.01), Truth(0.0, 0.03, 0.02))


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else REPEATS
    record = Record("selection")
    for truth in TRUTHS:
        measure(record, truth, repeats)
    record.write()


def measure(record: Record, truth: Truth, repeats: int) -> None:
    """All sizes together, and each."""
    found = []
    for n in SIZES:
        rng = np.random.default_rng([n, repeats])
        found.append([repeat(n, truth, rng) for _ in range(repeats)])
        tell(f"{truth}, {n} items: done")
    gains = np.array(found)  # size, repeat, way
    ways = ("race", "one standard error, all folds", "one standard error, one fold")
    rows = []
    for size, part in zip(("all", *SIZES), (gains.reshape(-1, 3), *gains), strict=True):
        for way, own in zip(ways, part.T, strict=True):
            rows.append((f"{size} items: {way}", 100 * own.mean(), np.mean(own < -LOST)))
    record.table(str(truth), ("", "mean gain, points", "share below −1 point"), rows)
    race, rule, _ = gains.reshape(-1, 3).T
    record.target(f"{truth}: share below −1 point", float(np.mean(race < -LOST)), most=0.01)
    record.target(f"{truth}: gain against the rule", float(race.mean() / rule.mean()), least=0.8)


def repeat(n: int, truth: Truth, rng: np.random.Generator) -> tuple[float, float, float]:
    """The true gain of what the race, the rule on all folds and that on one fold select."""
    true, scores, folds = _drawn(n, truth, rng)
    first = folds == 0
    alone = choose(
        _candidates(scores[:, first]),
        n_folds=N_FOLDS,
        folds=folds[first],
        rule="one standard error",
    )
    every = choose(_candidates(scores), folds=folds, rule="one standard error", fallback="0")
    return _gain(true, raced(scores, folds)), _gain(true, every.chosen), _gain(true, alone.chosen)


def raced(scores: NDArray[np.int8], folds: NDArray[np.int64]) -> str:
    """What is selected of candidates whose scores over the probe's are ``(m, n)``."""
    left = []
    for i, own in enumerate(scores):
        if all(
            promising(
                paired_items(own[folds < j], n_folds=N_FOLDS, n_judged=j),
                j,
            )
            for j in range(1, N_FOLDS)
        ):
            left.append(i)
    if not left:
        return "0"
    candidates = _candidates(scores)
    return choose(
        [candidates[0], *(candidates[i + 1] for i in left)],
        folds=folds,
        rule="best of several",
        n_tried=len(scores),
    ).chosen


def _drawn(
    n: int, truth: Truth, rng: np.random.Generator
) -> tuple[Gains, NDArray[np.int8], NDArray[np.int64]]:
    """True gains ``(m,)``, scores over the probe's ``(m, n)`` and folds ``(n,)``."""
    shared, own = rng.standard_normal(), rng.standard_normal(N_CANDIDATES)
    true = truth.mean + truth.spread * (shared + own) / np.sqrt(2)
    folds = np.arange(n) % N_FOLDS
    of_fold = true[:, None] + truth.training * rng.standard_normal((N_CANDIDATES, N_FOLDS))
    gain = of_fold[:, folds]
    differs = DIFFERS + np.abs(gain)
    drawn = rng.random(gain.shape)
    better = drawn < (differs + gain) / 2
    worse = ~better & (drawn < differs)
    return true, better.astype(np.int8) - worse.astype(np.int8), folds


def _candidates(scores: NDArray[np.int8]) -> list[Candidate]:
    probe = Candidate("0", np.zeros(scores.shape[1]))
    return [probe, *(Candidate(str(i + 1), own) for i, own in enumerate(scores))]


def _gain(true: Gains, chosen: str) -> float:
    return float(true[int(chosen) - 1]) if chosen != "0" else 0.0


if __name__ == "__main__":
    main()
