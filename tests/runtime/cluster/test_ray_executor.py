"""Tasks on a real cluster: results, errors, progress, lost workers."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from topwork.errors import BackboneError, ClusterError, ParameterError
from topwork.runtime.cluster.chosen import running_as
from topwork.runtime.cluster.ray_executor import MAX_RETRIES, RayExecutor
from topwork.runtime.executor import current_executor, run_large_tasks, run_tasks, running_on
from topwork.runtime.progress import Progress, silent
from topwork.settings import FitSettings


@pytest.fixture
def executor(joined: str) -> Iterator[RayExecutor]:
    with RayExecutor(joined) as executor:
        yield executor


def _doubled_in_place(rows: np.ndarray) -> np.ndarray:
    rows *= 2
    return rows


def _counted(task: int, *, progress: Progress = silent) -> int:
    for done in range(1, 4):
        time.sleep(0.3)
        progress(done, 3)
    return task


def _refused(name: str) -> None:
    raise BackboneError(f"{name} is unsuited.", remedy="Choose another.", code="no_maps")


def _lost(folder: Path, times: int, task: int) -> int:
    """The task; its worker is killed the first few times."""
    marks = [folder / f"{task}-{i}" for i in range(times)]
    left = [mark for mark in marks if not mark.exists()]
    if left:
        left[0].touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def test_tasks_on_a_cluster(executor: RayExecutor, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with running_on(executor), running_as("ray"):
        assert current_executor() is executor  # not started again
        rows = run_tasks(_doubled_in_place, [np.arange(4), np.ones(3)])
        rows[0] += 1  # what comes back can be written to
        assert rows[0].tolist() == [1, 3, 5, 7]
        many = run_tasks(partial(int.__add__, 1), range(20), lambda *done: told.append(done))
        assert many == list(range(1, 21))
        assert told[-1] == (20, 20)
        told.clear()
        assert run_large_tasks(_counted, [5, 6, 7], lambda *done: told.append(done)) == [5, 6, 7]
        assert told[-1] == (3, 3)
        assert any(done < total for done, total in told)
        assert {one.total for one in executor.workers.values()} == {3}
        with pytest.raises(BackboneError) as refused:
            run_tasks(_refused, ["yolos"])
        assert (refused.value.message, refused.value.code) == ("yolos is unsuited.", "no_maps")
        assert run_tasks(partial(_lost, tmp_path, 1), [1, 2]) == [1, 2]
        with pytest.raises(ClusterError, match="4 times") as lost:
            run_tasks(partial(_lost, tmp_path, MAX_RETRIES + 1), [3])
        assert lost.value.code == "lost_worker"
        assert run_tasks(abs, [-1]) == [1]


@pytest.mark.parametrize("name", ["spark", "ray://", "ray://host", "http://host:1", "ray://a b:1"])
def test_what_names_no_executor_is_refused(name: str) -> None:
    with pytest.raises(ParameterError, match="executor"):
        FitSettings(executor=name)
