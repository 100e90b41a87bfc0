"""Folds are tasks that can run anywhere, with the same results."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
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
