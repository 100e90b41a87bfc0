"""Every registry that is keyed by the task covers every task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from topwork.data import BoxTargets, Dataset, ImageBoxes, read
from topwork.model.loading import MODELS
from topwork.model.storage.bundle import READERS
from topwork.model.storage.manifest import FILES_OF_TASK
from topwork.settings.choices import LABELLED_TASKS, TASK_NAMES
from topwork.tasks.registry import TASKS, task_of

REGISTRIES: dict[str, Mapping[Any, Any]] = {
    "models": MODELS,
    "readers of bundles": READERS,
    "files of bundles": FILES_OF_TASK,
}


@pytest.mark.parametrize("name", REGISTRIES)
def test_every_registry_covers_every_task(name: str) -> None:
    assert set(REGISTRIES[name]) == set(TASK_NAMES)


def test_every_task_with_labels_is_listed() -> None:
    assert set(TASKS) == set(LABELLED_TASKS)


def _data(name: Any) -> Dataset:
    data = read([f"{i}.jpg" for i in range(60)], [i % 3 for i in range(60)])
    if name == "labels":
        return read([f"{i}.jpg" for i in range(60)], [["a", "b"][: i % 3] for i in range(60)])
    if name != "boxes":
        return data
    images = tuple(ImageBoxes.of([(0, 0, 9, 9)] * (i % 3), [1] * (i % 3)) for i in range(60))
    return replace(data, targets=BoxTargets(("a", "b"), images))


@pytest.mark.parametrize("name", LABELLED_TASKS)
def test_a_task_keeps_its_contract(name: Any) -> None:
    task = TASKS[name]
    assert task.name == name
    data = task.parse(_data(name))
    assert task_of(data) == name
    assert task.strata(data.targets).shape == (60,)
    assert len(np.unique(task.strata(data.targets))) > 1


@pytest.mark.parametrize("name", ["classes", "number", "ordinal"])
def test_a_task_with_one_prediction_per_item_judges_it(name: Any) -> None:
    task: Any = TASKS[name]
    data = task.parse(_data(name))
    shape = (1, 60, 3) if name == "classes" else (60,)
    value = 1 if name == "ordinal" else task.constant(data.targets)
    constant = np.broadcast_to(value, shape)
    losses = task.losses(data.targets, constant)
    assert losses.shape == (1, 60)
    assert (losses >= 0).all()
    scores = task.scores(data.targets, constant, groups=np.arange(60) // 2).model_dump()
    assert all(score is None or set(score) == {"value", "low", "high"} for score in scores.values())
