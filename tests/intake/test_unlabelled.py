"""Items without labels: used where they help, left where they don't, never a leak."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from topwork.cli.app import run
from topwork.data import ClassTargets, Dataset, Item, read
from topwork.errors import DataError, ParameterError
from topwork.heads import SelfTraining, stratified_folds
from topwork.inductive import FitSettings, fit
from topwork.model import load
from topwork.trials.comparison import ModelComparison
from topwork.trials.trial import Candidate, Trial
from topwork.validation import cross_validate_head
from topwork.validation.self_trained import cross_validate_self_training

N_DRAWS = 10
SETTINGS = FitSettings(backbone="pixels", baselines=False)


def _mosaics(folder: Path, per_class: int, seed: int) -> Path:
    """Pictures of which no two are alike, in three tints."""
    rng = np.random.default_rng(seed)
    for i, tint in enumerate(("blue", "green", "red")):
        (folder / tint).mkdir(parents=True)
        for j in range(per_class):
            picture = rng.integers(0, 150, (6, 6, 3)).repeat(8, 0).repeat(8, 1)
            picture[..., i] += 100
            Image.fromarray(picture.astype(np.uint8)).save(folder / tint / f"{j}.png")
    return folder


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _mosaics(tmp_path_factory.mktemp("few") / "tints", 5, seed=0)


@pytest.fixture(scope="module")
def more(labelled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 pictures, a bad file, an exact copy and a smaller one of labelled pictures."""
    folder = _mosaics(tmp_path_factory.mktemp("more") / "any", 10, seed=1)
    (folder / "bad.png").write_bytes(b"no picture")
    first, second = sorted((labelled / "red").iterdir())[:2]
    (folder / "copy.png").write_bytes(first.read_bytes())
    Image.open(second).resize((44, 44)).save(folder / "near.png")
    return folder


def test_they_are_read_once_and_copies_are_left_out(
    labelled: Path, more: Path, session_cache: Path, tmp_path: Path
) -> None:
    place = tmp_path / "m.topwork"
    result = fit(read(labelled), SETTINGS, unlabelled=more, save_to=place).result
    found = result.unlabelled
    assert (found.n_items, found.n_used, found.n_copies) == (33, 30, 2)
    assert [Path(r.path).name for r in found.rejected] == ["bad.png"]
    assert [(r.name, r.tried, r.n_items) for r in result.ladder] == [
        ("unlabelled images", True, 15)
    ]
    assert [t.name for t in result.tried][1:] == ["unlabelled images"]
    assert found.used == result.tried[1].chosen == (result.head == "self-trained")
    assert found.sentence in (place / "report.html").read_text()
    assert load(place).predict([labelled / "red" / "0.png"])[0] in {"blue", "green", "red"}


def test_the_command_says_what_became_of_them(labelled: Path, more: Path, tmp_path: Path, capsys):
    out = str(tmp_path / "m.topwork")
    command = ["fit", str(labelled), "--unlabelled", str(more), "--out", out, "--json"]
    assert run([*command, "--backbone", "pixels", "--no-baselines"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["unlabelled"]["n_used"] == 30
    assert found["unlabelled"]["n_copies"] == 2
    assert [Path(one["path"]).name for one in found["unlabelled"]["rejected"]] == ["bad.png"]
    nowhere = str(tmp_path / "none")
    assert run(["fit", str(labelled), "--unlabelled", nowhere, "--out", out, "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert nowhere in error["message"]


def test_nothing_but_copies_is_refused(labelled: Path, session_cache: Path) -> None:
    with pytest.raises(DataError, match="unlabelled images duplicate labelled ones"):
        fit(read(labelled), SETTINGS, unlabelled=labelled)


def test_going_on_from_a_model_takes_none(labelled: Path, more: Path) -> None:
    with pytest.raises(ParameterError, match="unlabelled") as caught:
        fit(read(labelled), FitSettings(start="m.topwork"), unlabelled=more)
    assert caught.value.remedy


def _compared(seed: int, *, useful: bool):
    """Whether the self-trained head is taken, and what it gains on new items."""
    rng = np.random.default_rng(seed)
    k, d = 4, 40
    codes = np.arange(900) % k
    centres = rng.standard_normal((k, d))
    X = np.maximum(0.6 * centres[codes] + 1.5 * rng.standard_normal((900, d)), 0)
    few = np.arange(6 * k)
    others = X[100:400]
    if not useful:  # of one class only
        others = others[codes[100:400] == 0]
    folds = stratified_folds(codes[few], n_folds=5, seed=0)[None]
    probe = cross_validate_head(X[few], codes[few], k, folds=folds[0])
    training = SelfTraining.prepare(X[few], codes[few], others, k)
    heads = cross_validate_self_training(training, X[few], codes[few], folds=folds)
    items = [Item(str(i), value=np.zeros((1, 1, 3), np.uint8)) for i in few]
    data = Dataset(items=items, targets=ClassTargets(codes[few], tuple("abcd")))
    part = SimpleNamespace(data=data, features=X[few])
    base = Trial(Candidate("probe", "x"), part, (probe,), 0.0)
    with_more = Trial(Candidate("more", "x"), part, heads, 0.0, instead_of="probe")
    comparison = ModelComparison(folds, few)
    best, _ = comparison.choose([base, with_more], base)
    right = [np.mean(h.linear.logits(X[400:]).argmax(1) == codes[400:]) for h in (probe, heads[0])]
    return best == 1, right[1] - right[0]


def test_what_is_selected_gains_several_times_what_useless_items_cost() -> None:
    useful = [_compared(seed, useful=True) for seed in range(N_DRAWS)]
    useless = [_compared(seed, useful=False) for seed in range(N_DRAWS)]
    gain = np.mean([gain if taken else 0 for taken, gain in useful])
    cost = -np.mean([gain if taken else 0 for taken, gain in useless])
    assert np.mean([taken for taken, _ in useful]) >= 0.7
    assert gain > 0.05
    # 24 labelled items can't tell always; what they let through is a fraction of what it would be
    assert np.mean([taken for taken, _ in useless]) <= 0.3
    assert -np.mean([gain for _, gain in useless]) > 0.05
    assert cost < 0.015
    assert gain > 4 * cost
