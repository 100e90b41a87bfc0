"""``topwork pretrain`` on texts with a language model that predicts tokens."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.language import BAD, GOOD, OTHER, model_folder, predicting_folder, raves, reviews
from topwork.cli.app import run
from topwork.training.strategies import refine_tokens
from topwork.unsupervised.pretraining import PretrainResult

NAMES = {"bert": "masked tokens", "gpt2": "next tokens"}


def _json(capsys, *arguments: object, status: int = 0) -> dict:
    assert run([*map(str, arguments), "--json"]) == status
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module", params=["bert", "gpt2"])
def backbone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("tiny") / request.param
    return f"transformers:tiny@{predicting_folder(folder, request.param)}"


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 texts, a line each."""
    file = tmp_path_factory.mktemp("raw") / "raw.txt"
    file.write_text("".join(f"{text}\n" for text in raves(200)))
    return file


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 texts with labels."""
    table = tmp_path_factory.mktemp("few") / "few.csv"
    with table.open("w", newline="") as stream:
        csv.writer(stream).writerows([("text", "label"), *zip(*reviews(60), strict=True)])
    return table


@pytest.fixture
def faster() -> pytest.MonkeyPatch:
    with pytest.MonkeyPatch.context() as patch:
        loop = replace(refine_tokens.TOKEN_LOOP, epochs=5, learning_rate=5e-3)
        patch.setattr(refine_tokens, "TOKEN_LOOP", loop)
        yield patch


@pytest.mark.usefixtures("faster")
def test_predicted_tokens_refine_a_network_that_other_commands_take(
    backbone: str, raw: Path, few: Path, tmp_path: Path, capsys
) -> None:
    out, model = tmp_path / "mine", tmp_path / "m.topwork"
    said = _json(capsys, "pretrain", raw, "--lines", "--backbone", backbone, "-o", out)
    PretrainResult.model_validate(said)
    assert (said["shipped"], said["gain"]) == (False, None), "nothing claims to be better"
    (tried,) = said["tried"]
    assert tried["name"] == NAMES[backbone.rpartition("/")[2]]
    before, after = tried["held_out"]
    assert after < before
    assert f"from {before:.2f} to {after:.2f}" in said["reason"]
    fitted = _json(
        capsys, "fit", few, "--backbone", said["backbone"], "--out", model, "--no-baselines"
    )
    assert fitted["n_items"] == 60
    found = _json(capsys, "predict", model, "fine lovely word1")
    assert found["predictions"][0]["label"] in ("good", "bad")


def test_pairs_can_be_asked_for(backbone: str, raw: Path, tmp_path: Path, capsys) -> None:
    asked = ("pretrain", raw, "--lines", "--backbone", backbone, "-o", tmp_path / "mine")
    said = _json(capsys, *asked, "--objective", "pairs")
    assert [one["name"] for one in said["tried"]] == ["pairs by dropout"]
    assert said["tried"][0]["held_out"] is None


def test_a_network_without_a_head_is_refused_tokens(raw: Path, tmp_path: Path, capsys) -> None:
    plain = f"transformers:tiny@{model_folder(tmp_path / 'bert')}"
    asked = ("pretrain", raw, "--lines", "--backbone", plain, "-o", tmp_path / "mine")
    error = _json(capsys, *asked, "--objective", "tokens", status=2)["error"]
    assert error["code"] == "no_token_head"
    assert "--objective pairs" in error["remedy"]


def test_labels_refuse_what_does_harm(
    tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Far too large steps, on texts in which words mean nothing."""
    backbone = f"transformers:tiny@{predicting_folder(tmp_path / 'bert', 'bert')}"
    loop = replace(refine_tokens.TOKEN_LOOP, epochs=8, learning_rate=1.0, clip=1e6)
    monkeypatch.setattr(refine_tokens, "TOKEN_LOOP", loop)
    rng, words = np.random.default_rng(0), (*GOOD, *BAD, *OTHER)
    noise = tmp_path / "noise.txt"
    noise.write_text("".join(f"{' '.join(rng.choice(words, 8))}\n" for _ in range(200)))
    few = tmp_path / "few.csv"
    texts, labels = reviews(120)
    with few.open("w", newline="") as stream:
        csv.writer(stream).writerows([("text", "label"), *zip(texts, labels, strict=True)])
    out = tmp_path / "mine"
    asked = ("pretrain", noise, "--lines", "--backbone", backbone, "--labelled", few, "-o", out)
    said = _json(capsys, *asked)
    (tried,) = said["tried"]
    assert tried["drift"] > 0.05, "it was moved far"
    assert tried["brier_gain"] < 0
    assert (said["shipped"], said["backbone"]) == (False, backbone)
    assert not out.exists()
