"""Columns beside images: used where they help, not where they are noise; what is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.blocks import CASES, SETTINGS, TASKS, drawn, run, simulated
from topwork.data import ClassTargets, Dataset, Item, NumberTargets
from topwork.runtime.progress import no_steps
from topwork.runtime.run_context import RunContext
from topwork.trials.columns.further import Beside
from topwork.trials.columns.further_columns import columns_beside
from topwork.trials.columns.trees import TREES
from topwork.trials.gains.column_gain import head_gains
from topwork.trials.head_candidates import head_candidates
from topwork.trials.head_selection import select_candidate
from topwork.trials.number import NUMBER_TRIALS

RUNS = 5


@pytest.mark.parametrize("task", TASKS)
def test_noise_is_not_used_and_what_helps_is(task: str, session_cache: object) -> None:
    noise, other, both = CASES
    of_noise = [run(noise, task, seed, n=120) for seed in range(RUNS)]
    of_images = [run(other, task, seed, n=120) for seed in range(RUNS)]
    of_both = [run(both, task, seed) for seed in range(RUNS)]
    assert sum(used in ("columns", "both") for used in of_noise) <= 1
    assert sum(used in ("images", "both") for used in of_images) <= 2
    assert of_both.count("both") >= RUNS - 1


def table(targets: object, groups: np.ndarray | None = None, **columns: list[str]) -> Dataset:
    rows = zip(*columns.values(), strict=True)
    items = [
        Item(f"{i}.png", beside=dict(zip(columns, row, strict=True))) for i, row in enumerate(rows)
    ]
    return Dataset(items, targets, groups=groups)  # type: ignore[arg-type]


def reasons(data: Dataset) -> dict[str, str]:
    found = columns_beside(data)
    assert found is not None
    return {one.name: one.reason for one in found.encoding.left_out}


def test_columns_that_say_the_target_or_the_group_are_left_out() -> None:
    rng = np.random.default_rng(0)
    groups = np.arange(60) // 3
    codes = rng.integers(0, 2, 60)
    data = table(
        ClassTargets(codes, ("no", "yes")),
        groups,
        age=[str(n) for n in rng.integers(20, 80, 60)],
        verdict=["bad" if code else "good" for code in codes],
        patient=[f"p{n}" for n in groups],
        ward_of=[f"w{n}" for n in groups],
        visitId=[str(n) for n in rng.integers(0, 30, 60)],
        humid=[str(n) for n in rng.integers(0, 30, 60)],
    )
    found = columns_beside(data)
    assert found is not None
    assert found.encoding.names == ["age", "humid"]
    assert reasons(data).keys() == {"verdict", "patient", "ward_of", "visitId"}
    assert "Not used: " in found.notes[-1]


def test_the_number_in_another_unit_is_left_out_unless_it_is_asked_for() -> None:
    values = np.random.default_rng(0).uniform(1, 9, 40)
    columns = {"cents": [f"{100 * v:.4f}" for v in values], "side": ["left", "right"] * 20}
    data = table(NumberTargets(values), **columns)
    assert reasons(data) == {"cents": "it says the target by itself"}
    items = Dataset(data.items, data.targets, asked=("cents",))
    assert reasons(items) == {}


def test_items_without_cells_have_no_columns() -> None:
    assert (
        columns_beside(Dataset([Item("a"), Item("b")], NumberTargets(np.array([1.0, 2])))) is None
    )


def test_trees_that_are_better_are_said_but_not_selected(session_cache: object) -> None:
    frozen, _ = drawn()
    rng = np.random.default_rng(0)
    columns, _ = simulated(rng, 200)
    bent = np.sign(columns.rows[:, 0] * columns.rows[:, 1]) + 0.1 * rng.normal(size=200)
    data = replace(frozen.data.take(np.arange(200)), targets=NumberTargets(bent))
    part = replace(frozen, data=data, features=frozen.features[:200])
    groups = np.arange(200)
    candidates = head_candidates(
        NUMBER_TRIALS,
        part,
        None,
        folds=groups % 5,
        groups=groups,
        context=RunContext(SETTINGS, no_steps),
        beside=Beside(columns, None),
    )
    selection = select_candidate(candidates, groups % 5, groups, NUMBER_TRIALS.words)
    chosen = candidates[selection.chosen]
    trees = next(candidate for candidate in candidates if candidate.name == TREES)
    assert trees.losses.mean() < 0.5 * chosen.losses.mean()
    gain = head_gains(candidates, chosen, groups % 5, groups, NUMBER_TRIALS.words)
    assert gain is not None
    assert "Boosted trees on the columns lower the mean absolute error" in gain.sentence
