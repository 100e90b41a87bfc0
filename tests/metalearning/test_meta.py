"""A prior of earlier tasks: learnt, kept, and used where it pays."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from benchmarks.drawn_alphabets import write_alphabet
from benchmarks.meta import one_of_each, unrelated_task
from topwork.cli.app import run
from topwork.data import read, read_any
from topwork.errors import BundleError, DataError, ParameterError
from topwork.heads import fit_centroid
from topwork.heads.few_shot.prior import fit_prior, within_classes
from topwork.inductive import FitSettings, fit
from topwork.metalearning import meta_learn
from topwork.metalearning.closed_form import learn
from topwork.metalearning.meta import MIN_TASKS
from topwork.model.priors.prior_file import read_prior

BACKBONE = "packaged:efficientnet_lite0/96"


@pytest.fixture(scope="module")
def tasks(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("tasks")
    for seed in range(MIN_TASKS):
        write_alphabet(folder / f"alphabet{seed}", seed, characters=6, times=6)
    return folder


@pytest.fixture(scope="module")
def prior(tasks: Path, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("prior") / "prior.topwork"
    found = meta_learn(tasks, file, backbone=BACKBONE)
    assert found.shipped
    assert found.prior == str(file)
    assert (found.n_tasks, found.n_items) == (MIN_TASKS, MIN_TASKS * 36)
    assert 0 < found.gain.low < found.gain.value < found.gain.high
    return file


@pytest.fixture(scope="module")
def alphabet(tmp_path_factory) -> Path:
    """A new one."""
    return write_alphabet(tmp_path_factory.mktemp("new"), 500, characters=8, times=8)


def _settings(prior: Path | None) -> FitSettings:
    return FitSettings(backbone=BACKBONE, baselines=False, prior=prior)


def test_it_helps_with_one_label_per_class(prior: Path, alphabet: Path) -> None:
    gains = []
    for seed in range(4):
        few, rest = one_of_each(read(alphabet), seed)
        with_it, plain = fit(few, _settings(prior)), fit(few, _settings(None))
        assert "earlier tasks" in with_it.artifacts.chosen.candidate.name
        gains.append(
            with_it.model.evaluate(rest).scores.accuracy.value
            - plain.model.evaluate(rest).scores.accuracy.value
        )
    assert np.mean(gains) > 0.04


def test_it_is_not_used_for_other_things(prior: Path, drawn: Path) -> None:
    """Colour and texture are no alphabet; with one item each only their looks can say so."""
    few, _ = one_of_each(read(drawn), 0)
    assert "earlier tasks" not in fit(few, _settings(prior)).artifacts.chosen.candidate.name


def test_a_model_with_it_is_saved_as_any_other(prior: Path, alphabet: Path, tmp_path) -> None:
    import topwork as tw

    few, rest = one_of_each(read(alphabet), 0)
    model = fit(few, _settings(prior)).model
    model.save(tmp_path / "m.topwork")
    gap = tw.load(tmp_path / "m.topwork").predict_proba(rest.items[:9]) - model.predict_proba(
        rest.items[:9]
    )
    assert np.abs(gap).max() < 1e-5


def test_the_command(
    tasks: Path, prior: Path, alphabet: Path, tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(prior, "p.topwork")  # an earlier one is written again, another file is not
    assert run(["meta", str(tasks), "-o", "p.topwork", "--backbone", BACKBONE, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["prior"], found["n_tasks"], found["shipped"]) == ("p.topwork", MIN_TASKS, True)
    assert set(found["gain"]) == {"value", "low", "high"}
    command = ["fit", str(alphabet), "--prior", "p.topwork", "-o", "m.topwork", "--json"]
    assert run([*command, "--backbone", BACKBONE, "--quiet"]) == 0
    capsys.readouterr()
    Path("mine.txt").write_text("mine")
    assert run(["meta", str(tasks), "-o", "mine.txt", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "would_overwrite"
    assert run([*command, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "other_network"


def test_too_few_tasks_are_refused(tasks: Path, alphabet: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        meta_learn(tasks / "alphabet0", tmp_path / "p.topwork")
    assert refused.value.code == "too_few_tasks"
    assert not (tmp_path / "p.topwork").exists()


def test_unrelated_tasks_ship_nothing() -> None:
    shipped = [learn([unrelated_task(s, n) for n in range(8)], seed=s).pays for s in range(4)]
    assert sum(shipped) <= 1


def test_its_metric_is_the_inverse_covariance_within_classes() -> None:
    """Against a plain computation with numpy."""
    rng = np.random.default_rng(0)
    codes = np.repeat(np.arange(5), 8)
    X = rng.normal(size=(5, 6))[codes] + rng.normal(size=(40, 6)) * [2, 1, 1, 0.5, 0.5, 0.1]
    prior = fit_prior([within_classes(X, codes)], shrinkage=0.2)
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    means = np.stack([unit[codes == c].mean(axis=0) for c in range(5)])
    within = unit - means[codes]
    S = within.T @ within / 35
    S = 0.8 * S + 0.2 * np.trace(S) / 6 * np.eye(6)
    gap = prior.whitened(unit).astype(np.float64)
    assert np.allclose(gap @ gap.T, unit @ np.linalg.inv(S) @ unit.T, rtol=1e-4)
    # with equal variance along all axes it is the nearest mean
    plain, same = fit_centroid(X, codes, 5), prior.with_shrinkage(1.0).head(X, codes, 5)
    assert (plain.logits(X).argmax(axis=1) == same.logits(X).argmax(axis=1)).all()


@pytest.mark.parametrize("fault", ["missing", "text", "shape", "nan", "card", "more", "negative"])
def test_a_hostile_prior_is_refused(fault: str, prior: Path, tmp_path: Path) -> None:
    file = tmp_path / "p.topwork"
    arrays = load_file(prior)
    if fault == "shape":
        arrays["variances"] = arrays["variances"][:-1].copy()
    elif fault == "nan":
        arrays["axes"] = arrays["axes"] * np.float32("nan")
    elif fault == "card":
        arrays["card"] = arrays["card"][:-3].copy()
    elif fault == "more":
        arrays["code"] = np.zeros(3, np.float32)
    elif fault == "negative":
        arrays["variances"] = -arrays["variances"]
    if fault == "text":
        file.write_text("not at all")
    elif fault != "missing":
        save_file(arrays, file)
    with pytest.raises(BundleError):
        read_prior(file)


def test_models_of_other_targets_take_none(prior: Path, drawn: Path) -> None:
    from topwork.inductive.numbers.fitting import fit_numbers

    items = read_any(drawn).items
    data = read([item.path for item in items], np.arange(len(items)) + 0.5, task="number")
    with pytest.raises(ParameterError):
        fit_numbers(data, _settings(prior))
