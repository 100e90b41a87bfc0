"""Every registry that is keyed by the task covers every task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from topwork.data import read
from topwork.model.loading import MODELS
from topwork.model.storage.bundle import READERS
from topwork.model.storage.manifest import FILES_OF_TASK
from topwork.settings.choices import TASK_NAMES
from topwork.tasks.registry import TASKS, task_of

REGISTRIES: dict[str, Mapping[Any, Any]] = {
    "tasks": TASKS,
    "models": MODELS,
    "readers of bundles": READERS,
    "files of bundles": FILES_OF_TASK,
}


@pytest.mark.parametrize("name", REGISTRIES)
def test_every_task_is_in_every_registry(name: str) -> None:
    assert set(REGISTRIES[name]) == set(TASK_NAMES)


@pytest.mark.parametrize("name", TASK_NAMES)
def test_a_task_keeps_its_contract(name: Any) -> None:
    task = TASKS[name]
    assert task.name == name
    data = task.parse(read([f"{i}.jpg" for i in range(60)], [i % 3 for i in range(60)]))
    assert task_of(data) == name
    assert task.strata(data.targets).shape == (60,)
    constant = np.broadcast_to(
        task.constant(data.targets), (1, 60, 3) if name == "classes" else (1, 60)
    )
    losses = task.losses(data.targets, constant)
    assert losses.shape == (1, 60)
    assert (losses >= 0).all()
    scores = task.scores(data.targets, constant, groups=np.arange(60) // 2).model_dump()
    assert all(score is None or set(score) == {"value", "low", "high"} for score in scores.values())
