"""Folds are tasks that can run anywhere, with the same results."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from threadpoolctl import threadpool_limits

from tests.runtime.recorder import Recorder
from topwork.data import read
from topwork.inductive import fit
from topwork.runtime.executor import Executor, LocalExecutor, ProcessExecutor, run_tasks, running_on
from topwork.settings import FitSettings
from topwork.validation.crossval import cross_validate_head


@pytest.fixture(scope="module")
def labelled() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    codes = np.repeat(np.arange(3), 30)
    return rng.normal(size=(90, 12)) + codes[:, None], codes, np.arange(90) % 5


def _logistic(labelled: tuple[np.ndarray, np.ndarray, np.ndarray], executor: Executor) -> Any:
    rows, codes, folds = labelled
    with running_on(executor), threadpool_limits(1):
        return cross_validate_head(rows, codes, 3, folds=folds, head="logistic")


@pytest.mark.parametrize("executor", [Recorder(), ProcessExecutor(2)], ids=["bytes", "processes"])
def test_folds_of_the_logistic_head_give_the_same_anywhere(
    labelled: tuple[np.ndarray, np.ndarray, np.ndarray], executor: Executor
) -> None:
    with executor if isinstance(executor, ProcessExecutor) else nullcontext():
        here, there = _logistic(labelled, LocalExecutor()), _logistic(labelled, executor)
    assert np.array_equal(here.logits_oof, there.logits_oof)
    assert np.array_equal(here.linear.weight, there.linear.weight)
    assert here.C == there.C


def test_an_executor_sees_every_fold(
    labelled: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    recorder = Recorder()
    _logistic(labelled, recorder)
    assert recorder.seen.count("_fit") == 5
    assert recorder.seen.count("_reached") >= 5


def test_outside_of_it_tasks_run_here() -> None:
    recorder = Recorder()
    with running_on(recorder):
        told: list[tuple[int, int]] = []
        assert run_tasks(abs, [-1, 2], lambda *done: told.append(done)) == [1, 2]
    assert run_tasks(abs, [-3]) == [3]
    assert recorder.seen == ["abs", "abs"]
    assert told == [(1, 2), (2, 2)]


def test_a_whole_fit_is_the_same_on_another_executor(drawn: Path) -> None:
    recorder = Recorder()
    settings = FitSettings("pixels", cache=False, baselines=False, n_folds=3)
    here = fit(read(drawn), settings)
    with running_on(recorder):
        there = fit(read(drawn), settings)
    assert recorder.seen
    assert here.result.scores == there.result.scores
    np.testing.assert_allclose(
        here.model.parts.head.weight, there.model.parts.head.weight, rtol=1e-4, atol=1e-6
    )


_SCRIPT = """
import sys
from topwork.runtime.executor import ProcessExecutor
print("begun", flush=True)

def double(x):
    return 2 * x

with ProcessExecutor(2) as executor:
    print(executor.map(double, [1, 2, 3]))
"""


def test_a_script_without_a_guard_runs_once_and_its_own_functions_too(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(_SCRIPT)
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n") == ["begun", "[2, 4, 6]", ""]
    assert done.stderr == ""


def test_processes_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(_SCRIPT.replace("return 2 * x", "import time; time.sleep(120)"))
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        workers: list[psutil.Process] = []
        until = time.monotonic() + 30
        while len(workers) < 3 and time.monotonic() < until:  # two, and who counts files
            workers = psutil.Process(parent.pid).children(recursive=True)
        parent.kill()
    assert len(workers) >= 2
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert not alive
