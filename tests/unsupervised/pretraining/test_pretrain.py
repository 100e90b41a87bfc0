"""``topwork pretrain`` as a user meets it: small networks, few images, one step."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import draw_folder
from topwork import installation
from topwork.backbones import resolve
from topwork.backbones.sources.own import start_in, write_own
from topwork.cli.app import run
from topwork.errors import BackboneError
from topwork.features.opened_backbone import open_backbone
from topwork.model import Model, load
from topwork.settings import PretrainSettings
from topwork.training.refining import images
from topwork.training.strategies import refine
from topwork.unsupervised.pretraining import PretrainResult
from topwork.unsupervised.pretraining.for_model import start_of

SMALL = "packaged:efficientnet_lite0/64"


@pytest.fixture(scope="module")
def unlabelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 pictures in one folder, drawn with another seed than those with labels."""
    drawn = draw_folder(tmp_path_factory.mktemp("raw") / "drawn", 20, seed=1)
    flat = drawn.parent / "flat"
    flat.mkdir()
    for file in drawn.rglob("*.png"):
        shutil.copy(file, flat / f"{file.parent.name}-{file.name}")
    return flat


@pytest.fixture(scope="module", autouse=True)
def one_epoch() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refine, "REFINING_LOOP", replace(refine.REFINING_LOOP, epochs=1))
        patch.setattr(refine, "DISTILLING_STEPS", 1)
        patch.setattr(images, "TEACHER", f"{SMALL}+packaged:efficientnet_lite1/64")
        yield


def _json(capsys, *arguments: object, status: int = 0) -> dict:
    assert run([*map(str, arguments), "--json"]) == status
    out = capsys.readouterr().out
    assert out.count("\n") == 1, "exactly one JSON object"
    return json.loads(out)


@pytest.fixture(scope="module")
def unjudged(unlabelled: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What is said of a backbone that nobody judged; it took the place of an earlier one."""
    out = tmp_path_factory.mktemp("own") / "mine"
    out.mkdir()
    (out / "backbone.json").write_text('{"version": 1, "start": "pixels"}')
    (out / "weights.safetensors").write_bytes(b"earlier")
    with redirect_stdout(io.StringIO()) as printed:
        arguments = ["pretrain", str(unlabelled), "--backbone", SMALL, "-o", str(out), "--json"]
        assert run(arguments) == 0
    return json.loads(printed.getvalue())


@pytest.fixture(scope="module")
def written(unjudged: dict) -> Path:
    return Path(unjudged["backbone"].removeprefix("own:@"))


def test_without_labels_nothing_is_claimed(unjudged: dict, written: Path) -> None:
    said = unjudged
    PretrainResult.model_validate(said)
    assert (said["shipped"], said["gain"]) == (False, None)
    assert said["backbone"] == f"own:@{written}"
    assert said["reason"].startswith("Not evaluated")
    assert "--labelled" in said["reason"]
    names = [one["name"] for one in said["tried"]]
    assert names == ["distillation", "agreement of views"], "the first is written"
    assert all(0 < one["drift"] < 0.2 for one in said["tried"]), "trained, near the start"


def test_the_folder_is_a_backbone(written: Path) -> None:
    import torch

    own, start = resolve(f"own:@{written}"), resolve(SMALL)
    assert own.name == start.name
    assert own.fingerprint != start.fingerprint
    images = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        ours, theirs = own.load().pooling(images), start.load().pooling(images)
    assert not torch.allclose(ours, theirs)


def test_fit_takes_it(written: Path, drawn: Path, tmp_path: Path, capsys) -> None:
    model = tmp_path / "m.topwork"
    fitted = _json(
        capsys, "fit", drawn, "--backbone", f"own:@{written}", "--out", model, "--no-baselines"
    )
    assert fitted["scores"]["accuracy"]["value"] > 0.8
    predicted = _json(capsys, "predict", model, drawn / "discs" / "000.png")
    assert predicted["predictions"][0]["label"] == "discs"


def test_labels_decide_and_are_not_learnt_from(
    unlabelled: Path, drawn: Path, tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.setattr(images, "TEACHER", "nobody")  # one objective is enough to judge
    both, out = shutil.copytree(unlabelled, tmp_path / "both"), tmp_path / "mine"
    for i in range(12):
        shutil.copy(drawn / "discs" / f"{i:03}.png", both / f"copy-{i}.png")
    said = _json(capsys, "pretrain", both, "--backbone", SMALL, "-o", out, "--labelled", drawn)
    assert said["n_labelled"] == 36
    assert said["n_items"] + said["n_copies"] == 72
    assert said["n_copies"] >= 12
    assert said["gain"]["low"] <= said["gain"]["value"] <= said["gain"]["high"]
    assert said["shipped"] == out.exists(), "a refused backbone is not written"
    assert said["backbone"] == (f"own:@{out}" if said["shipped"] else SMALL)


def test_a_model_is_judged_by_what_it_was_fitted_on(
    unlabelled: Path, drawn: Path, tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.setattr(images, "TEACHER", "nobody")
    model, out = tmp_path / "m.topwork", tmp_path / "mine"
    drawn = shutil.copytree(drawn, tmp_path / "drawn")
    _json(capsys, "fit", drawn, "--backbone", SMALL, "--out", model, "--no-baselines")
    shutil.copy(drawn / "stripes" / "000.png", drawn / "discs" / "000.png")  # another label's
    said = _json(capsys, "pretrain", unlabelled, "--for", model, "-o", out)
    assert (said["start"], said["n_labelled"]) == (SMALL, 35)
    assert said["gain"] is not None
    asked = ("pretrain", unlabelled, "--for", model, "--backbone", SMALL, "-o", out)
    assert _json(capsys, *asked, status=2)["error"]["code"] == "two_starts"


def test_labels_that_the_start_was_trained_on_do_not_judge(
    unlabelled: Path, drawn: Path, tmp_path: Path, capsys
) -> None:
    model, out = tmp_path / "m.topwork", tmp_path / "mine"
    _json(capsys, "fit", drawn, "--backbone", "pixels", "--out", model, "--no-baselines")
    parts = load(model).parts
    card = parts.card.model_copy(update={"strategy": "partial"})
    trained = Model(replace(parts, card=card)).save(tmp_path / "trained.topwork")
    asked = ("pretrain", unlabelled, "--for", trained, "-o", out)
    for more in ((), ("--labelled", drawn)):
        error = _json(capsys, *asked, *more, status=2)["error"]
        assert error["code"] == "seen_labels"
        assert "--labelled" in error["remedy"]
    opened = open_backbone("pixels", PretrainSettings())
    assert start_of(load(trained), trained, PretrainSettings()).trained_in
    assert not start_of(load(model), model, PretrainSettings()).trained_in
    out.mkdir()
    write_own(out, opened.backbone, {}, {}, trained_in="a model")
    assert json.loads((out / "backbone.json").read_text())["start_trained_in"] == "a model"
    assert start_in(out)[0] == "pixels"


def test_too_few_items(drawn: Path, tmp_path: Path, capsys) -> None:
    said = _json(capsys, "pretrain", drawn / "discs", "-o", tmp_path / "o", status=2)
    assert said["error"]["code"] == "too_few_items"


def test_other_things_are_not_overwritten(unlabelled: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "diary.txt").write_text("dear diary")
    said = _json(capsys, "pretrain", unlabelled, "-o", tmp_path, status=2)
    assert said["error"]["code"] == "exists"
    assert (tmp_path / "diary.txt").exists()


def test_says_what_is_missing_before_anything_is_read(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(installation, "missing", lambda _: ("torch",))
    said = _json(capsys, "pretrain", tmp_path / "nowhere", status=2)
    assert said["error"]["code"] == "missing_extra"
    assert "train" in said["error"]["message"]


@pytest.mark.parametrize(
    "facts",
    ["", "[]", '{"version": 2, "start": "pixels"}', '{"version": 1, "start": "own:@x"}'],
)
def test_folders_that_are_no_backbone(facts: str, tmp_path: Path) -> None:
    (tmp_path / "backbone.json").write_text(facts)
    with pytest.raises(BackboneError, match="no backbone of topwork pretrain"):
        resolve(f"own:@{tmp_path}")
    (tmp_path / "backbone.json").write_text('{"version": 1, "start": "pixels"}')
    with pytest.raises(BackboneError, match="weights"):
        resolve(f"own:@{tmp_path}")
    with pytest.raises(BackboneError, match="names no folder"):
        resolve("own:mine")


def test_gate_refuses_worse_features(drawn: Path) -> None:
    from topwork.data import read
    from topwork.features.opened_backbone import FrozenPart
    from topwork.unsupervised.pretraining.gate import judge_refined
    from topwork.unsupervised.pretraining.items import LabelledItems

    rng = np.random.default_rng(0)
    data = read(drawn, split="all")
    codes = data.classes.codes
    start = np.eye(3)[codes] + rng.normal(0, 0.8, (len(codes), 3))
    part = FrozenPart(data, start, None, None)
    labelled = LabelledItems(part, np.arange(len(codes)))
    noisy = start + rng.normal(0, 1.5, start.shape)
    better = np.eye(3)[codes] + 0.3 * (start - np.eye(3)[codes])
    refused = judge_refined(labelled, "start", {"noisy": noisy})
    assert refused.chosen is None
    assert refused.gains["noisy"].brier < 0
    taken = judge_refined(labelled, "start", {"noisy": noisy, "better": better})
    assert taken.chosen == "better"
    assert taken.gains["better"].accuracy.value > 0
