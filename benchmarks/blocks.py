"""Whether columns beside images are used where they help, and only there.

`python -m benchmarks.blocks [RUNS]` (100 by default)

The features of 600 drawn images are computed once. In each run 200 of them are drawn, with a number
or a class that follows from what they show, from columns, or from both, and columns are simulated
anew. The fit judges what it always does on the same folds: the columns alone, the network alone,
and both together, and selects. Counted is how often columns of pure noise, or images that say
nothing of the target, are used, and how often both are used where both help.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.record import Record
from topwork.data import ClassTargets, Dataset, NumberTargets, read
from topwork.features.columns import learn_predictors
from topwork.features.opened_backbone import FrozenPart, open_backbone, read_once
from topwork.heads import stratified_folds
from topwork.runtime.progress import no_steps, silent
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings
from topwork.tasks.number.task import NUMBER
from topwork.trials.beside.column_trials import column_trials
from topwork.trials.columns.blocks import COLUMNS
from topwork.trials.columns.further import Beside
from topwork.trials.columns.further_columns import FurtherColumns
from topwork.trials.comparison import ModelComparison
from topwork.trials.head_candidates import head_candidates
from topwork.trials.head_selection import select_candidate
from topwork.trials.number import NUMBER_TRIALS
from topwork.trials.trial import judged, transfer_from

RUNS = 100
ITEMS = 600
BACKBONE = "packaged:efficientnet_lite0/96"
SETTINGS = FitSettings(backbone=BACKBONE, cache=False)

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """How a target comes about.

    Parameters
    ----------
    name
        What people call it.
    images, columns
        Standard deviation of what each adds to it, beside noise of 1.
    """

    name: str
    images: float
    columns: float


CASES = (
    Case("columns of noise", 2.0, 0.0),
    Case("images of noise", 0.0, 2.0),
    Case("both help", 2.0, 2.0),
)


@cache
def drawn(n: int = ITEMS) -> tuple[FrozenPart, Float64]:
    """Images of discs under noise as features, and their standardised radii."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:96, :96]
    radii, images = rng.uniform(8, 36, n), []
    for radius in radii:
        cy, cx = rng.uniform(36, 60, 2)
        grey = rng.integers(0, 80, (96, 96)) + 120 * ((y - cy) ** 2 + (x - cx) ** 2 < radius**2)
        images.append(grey.astype(np.uint8))
    opened = open_backbone(BACKBONE, SETTINGS)
    data = read(images, [0.0] * n, items="image", task="number")
    frozen = opened.part(data, read_once(data, opened.request, max_bad=0, progress=silent))
    return frozen, (radii - radii.mean()) / radii.std()


def simulated(rng: np.random.Generator, n: int) -> tuple[FurtherColumns, Float64]:
    """Four columns of numbers and two of categories, and what they say together, standardised."""
    numbers = rng.normal(size=(n, 4))
    codes = rng.integers(0, 4, (n, 2))
    cells = {f"number {i}": [f"{v:.6g}" for v in numbers[:, i]] for i in range(4)}
    cells |= {f"category {i}": ["abcd"[c] for c in codes[:, i]] for i in range(2)}
    encoding, _ = learn_predictors(cells)
    said = numbers[:, 0] - numbers[:, 1] + (codes[:, 0] == 1)
    rows = encoding.transform(cells)
    return FurtherColumns(encoding, rows, ()), (said - said.mean()) / said.std()


def used_number(data: FrozenPart, columns: FurtherColumns, value: Float64) -> str:
    """What the selected model of numbers learns from."""
    frozen = replace(data, data=replace(data.data, targets=NumberTargets(value)))
    groups = np.arange(len(value))
    folds = NUMBER.folds(frozen.data.targets, n_folds=5, groups=groups, seed=0)
    context = RunContext(SETTINGS, no_steps)
    candidates = head_candidates(
        NUMBER_TRIALS,
        frozen,
        None,
        folds=folds,
        groups=groups,
        context=context,
        beside=Beside(columns, None),
    )
    selection = select_candidate(candidates, folds, groups, NUMBER_TRIALS.words)
    return _named(candidates[selection.chosen].name)


def used_class(data: FrozenPart, columns: FurtherColumns, value: Float64) -> str:
    """The same of three classes."""
    codes = np.digitize(value, np.quantile(value, [1 / 3, 2 / 3]))
    targets = ClassTargets(codes.astype(np.int64), ("high", "low", "mid"))
    frozen = replace(data, data=replace(data.data, targets=targets))
    groups = np.arange(len(value))
    folds = stratified_folds(codes, groups=groups)[None]
    transfer = judged(transfer_from(BACKBONE), frozen, folds, SETTINGS)
    alone, both = column_trials(transfer, Beside(columns, None), folds, groups, SETTINGS)
    trials = [alone, transfer, both]
    comparison = ModelComparison(folds, groups)
    return _named(trials[comparison.choose(trials, transfer)[0]].candidate.name)


def _named(name: str) -> str:
    if name == COLUMNS:
        return "columns"
    if name.endswith("and columns"):
        return "both"
    return "images" if name.startswith("transfer") else "neither"


TASKS: dict[str, Callable[[FrozenPart, FurtherColumns, Float64], str]] = {
    "number": used_number,
    "class": used_class,
}


def run(case: Case, task: str, seed: int, *, n: int = 200) -> str:
    """What is used in one run: ``images``, ``columns``, ``both``, or ``neither``."""
    rng = np.random.default_rng([seed, n, len(case.name)])
    frozen, radii = drawn()
    rows = rng.permutation(len(radii))[:n]
    columns, said = simulated(rng, n)
    value = case.images * radii[rows] + case.columns * said + rng.normal(size=n)
    part = replace(frozen, data=_taken(frozen.data, rows), features=frozen.features[rows])
    return TASKS[task](part, columns, value)


def _taken(data: Dataset, rows: Any) -> Dataset:
    return data.take(rows)


def main() -> None:
    """Run every case for both tasks and write what was found."""
    given = [argument for argument in sys.argv[1:] if argument.isdigit()]
    runs = int(given[0]) if given else RUNS
    record = Record("blocks")
    rows, found = [], {}
    for task in TASKS:
        for case in CASES:
            begun = time.monotonic()
            used = Counter(run(case, task, seed) for seed in range(runs))
            found[task, case.name] = used
            kinds = ("images", "columns", "both", "neither")
            seconds = (time.monotonic() - begun) / runs
            rows.append((f"{task}, {case.name}", *(used[kind] / runs for kind in kinds), seconds))
    headings = ("target", "images", "columns", "both", "neither", "seconds a run")
    record.table(f"share of {runs} runs in which each is used", headings, rows)
    for task in TASKS:
        noise = found[task, "columns of noise"]
        share = (noise["columns"] + noise["both"]) / runs
        record.target(f"{task}: columns of noise are used", share, most=0.05)
        images = found[task, "images of noise"]
        share = (images["images"] + images["both"]) / runs
        record.target(f"{task}: images of noise are used", share, most=0.05)
        both = found[task, "both help"]["both"] / runs
        record.target(f"{task}: both are used where both help", both, least=0.95)
    record.write()


if __name__ == "__main__":
    main()
