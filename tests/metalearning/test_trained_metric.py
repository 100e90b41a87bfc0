"""A metric trained on episodes: what it is, and when it is used."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.drawn_alphabets import write_alphabet
from benchmarks.meta import unrelated_task
from topwork.cli.app import run
from topwork.data import read
from topwork.errors import BackboneError, ParameterError
from topwork.heads.few_shot.prior import TaskPrior, fit_prior, within_classes
from topwork.inductive import FitSettings, fit
from topwork.metalearning import meta_learn
from topwork.metalearning.closed_form import Task, learn
from topwork.metalearning.episodes import groups_by_class
from topwork.metalearning.meta import MIN_TASKS
from topwork.metalearning.trained_metric import train_metric
from topwork.model.priors.prior_file import read_prior

torch = pytest.importorskip("torch")

D = 24


def _task(n: int, *, hidden: float) -> Task:
    """Classes that differ along six axes only; rows of a class vary along all, most elsewhere.

    Along four axes classes differ little and vary little, so that a covariance within classes
    stretches them for nothing: that they tell nothing can be seen from classes alone.
    """
    rng = np.random.default_rng((n, 7))
    codes = np.repeat(np.arange(8), 10)
    between = np.r_[np.full(6, 0.8), np.zeros(D - 6)]
    within = np.r_[np.full(6, 0.6), np.full(4, hidden), np.full(D - 10, 0.9)]
    X = 2 + rng.normal(size=(8, D))[codes] * between + rng.normal(size=(80, D)) * within
    unit = (X / np.linalg.norm(X, axis=1, keepdims=True)).astype(np.float32)
    return Task(str(n), unit, codes, groups_by_class(codes, np.arange(80)))


@pytest.fixture(autouse=True)
def _fewer_episodes(monkeypatch) -> None:
    from topwork.training.strategies import episodic

    monkeypatch.setattr(episodic, "EPISODES", 80)


@pytest.fixture(scope="module")
def prior() -> TaskPrior:
    rng, codes = np.random.default_rng(0), np.repeat(np.arange(6), 8)
    X = rng.normal(size=(6, D))[codes] + rng.normal(size=(48, D)) * np.geomspace(2, 0.2, D)
    found = fit_prior([within_classes(X, codes)] * 2)
    own, other = found.factors
    return found.with_axes(found.axes[:, :9], own[:9], other)


def _alike(found: np.ndarray, wanted: np.ndarray) -> None:
    """The same inner products, but for one factor."""
    found, wanted = found @ found.T, wanted @ wanted.T
    factor = np.trace(wanted) / np.trace(found)
    assert np.abs(found * factor - wanted).max() < 1e-4 * np.abs(wanted).max()


def test_a_map_starts_as_the_metric_of_the_prior_and_becomes_one(prior: TaskPrior) -> None:
    from topwork.training.strategies.episodic import LowRankMap

    rows = np.random.default_rng(1).normal(size=(20, D)).astype(np.float32)
    module = LowRankMap(prior, rank=4)
    with torch.no_grad():
        _alike(module(torch.from_numpy(rows)).numpy(), prior.whitened(rows))
        module.second.normal_(0, 0.5)
        module.spread.normal_(0, 0.3)
        module.rest.fill_(0.4)
        _alike(module.as_prior(prior).whitened(rows), module(torch.from_numpy(rows)).numpy())


def test_it_is_used_where_classes_tell_more_than_the_covariance_within() -> None:
    tasks = [_task(n, hidden=0.02) for n in range(MIN_TASKS)]
    closed = learn(tasks)
    learnt, told = train_metric(tasks, closed)
    assert told.used
    assert 0 < told.added.low < told.added.value
    assert np.allclose(learnt.gains.mean() - closed.gains.mean(), told.added.value)
    assert learnt.prior.shrinkage == 0


def test_it_is_not_used_where_tasks_have_nothing_in_common() -> None:
    tasks = [unrelated_task(3, n) for n in range(MIN_TASKS)]
    closed = learn(tasks)
    learnt, told = train_metric(tasks, closed)
    assert not told.used
    assert learnt.prior is closed.prior


def test_the_command_and_a_fit_with_it(tmp_path: Path, capsys) -> None:
    backbone = "packaged:efficientnet_lite0/96"
    for seed in range(MIN_TASKS):
        write_alphabet(tmp_path / "tasks" / f"alphabet{seed}", seed, characters=6, times=6)
    file = tmp_path / "p.topwork"
    command = ["meta", str(tmp_path / "tasks"), "-o", str(file), "--method", "protonet"]
    assert run([*command, "--backbone", backbone, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["trained"]) == {"added", "used"}
    assert found["method"] == ("protonet" if found["trained"]["used"] else "closed-form")
    assert found["shipped"]
    assert read_prior(file)[1].gain == pytest.approx(found["gain"]["value"])
    few = read(write_alphabet(tmp_path / "new", 900, characters=5, times=1))
    settings = FitSettings(backbone=backbone, baselines=False, prior=file)
    assert "earlier tasks" in fit(few, settings).artifacts.chosen.candidate.name


def test_what_is_missing_is_said_first(tmp_path: Path, monkeypatch) -> None:
    from topwork import installation

    with pytest.raises(ParameterError, match="protonet"):
        meta_learn(tmp_path, tmp_path / "p", method="maml")
    monkeypatch.setattr(installation, "missing", lambda packages: ("torch",))
    with pytest.raises(BackboneError) as refused:
        meta_learn(tmp_path, tmp_path / "p", method="protonet")
    assert refused.value.code == "missing_extra"
