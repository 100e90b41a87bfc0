"""``topwork pretrain`` on texts: a tiny network, few texts, one epoch."""

from __future__ import annotations

import csv
import json
import shlex
import shutil
from pathlib import Path

import pytest

from tests.backbones.test_model2vec import table_folder, table_vectors
from tests.language import model_folder, reviews
from topwork.backbones import resolve
from topwork.cli.app import run
from topwork.unsupervised.pretraining import PretrainResult


def _json(capsys, *arguments: object, status: int = 0) -> dict:
    assert run([*map(str, arguments), "--json"]) == status
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"transformers:tiny@{model_folder(tmp_path_factory.mktemp('tiny') / 'bert')}"


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 texts with labels."""
    table = tmp_path_factory.mktemp("few") / "few.csv"
    with table.open("w", newline="") as stream:
        csv.writer(stream).writerows([("text", "label"), *zip(*reviews(40), strict=True)])
    return table


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100 texts, a line each; the first twelve are labelled elsewhere."""
    file = tmp_path_factory.mktemp("raw") / "raw.txt"
    texts = [*reviews(40)[0][:12], *reviews(88, seed=1)[0]]
    file.write_text("".join(f"{text}\n" for text in texts))
    return file


def test_raw_texts_refine_a_network_that_other_commands_take(
    backbone: str, raw: Path, few: Path, tmp_path: Path, capsys
) -> None:
    import torch

    out, model = tmp_path / "mine", tmp_path / "m.topwork"
    said = _json(capsys, "pretrain", raw, "--lines", "--backbone", backbone, "-o", out)
    PretrainResult.model_validate(said)
    assert (said["modality"], said["shipped"], said["gain"]) == ("text", False, None)
    assert said["reason"].startswith("Not evaluated")
    (tried,) = said["tried"]
    assert tried["name"] == "pairs by dropout"
    assert 0 < tried["drift"] < 0.2, "trained, near the start"
    own, start = resolve(said["backbone"]).load().module, resolve(backbone).load().module
    changed = {
        name
        for (name, one), other in zip(own.named_parameters(), start.parameters(), strict=True)
        if not torch.equal(one, other)
    }
    assert changed, "something was learnt"
    assert all(name.startswith("encoder.layer.1.") for name in changed), "the last block of two"
    fitted = _json(
        capsys, "fit", few, "--backbone", said["backbone"], "--out", model, "--no-baselines"
    )
    assert fitted["n_items"] == 40
    found = _json(capsys, "predict", model, "fine lovely word1")
    assert found["predictions"][0]["label"] in ("good", "bad")
    again = ("pretrain", raw, "--lines", "--for", model, "-o", tmp_path / "again")
    error = _json(capsys, *again, status=2)["error"]
    assert error["code"] == "no_items", "texts of a table are in no file of their own"
    assert "--labelled" in error["remedy"]
    refined = _json(capsys, *again, "--labelled", few)
    assert refined["n_labelled"] == 40
    assert refined["start"].startswith("transformers:tiny@")
    if refined["shipped"]:
        resolve(refined["backbone"])


def test_what_is_printed_can_be_typed(backbone: str, raw: Path, tmp_path: Path, capsys) -> None:
    file = Path(shutil.copy(raw, tmp_path / "my texts.txt"))
    given = ["--lines", "--backbone", backbone, "--out", str(tmp_path / "my own")]
    assert run(["pretrain", str(file), *given]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    printed = shown.partition("Next: ")[2].partition(" tests whether")[0]
    command = ["topwork", "pretrain", str(file), *given, "--labelled", "FEW"]
    assert sorted(shlex.split(printed)) == sorted(command)


def test_labels_decide(backbone: str, raw: Path, few: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "mine"
    asked = ("pretrain", raw, "--lines", "--backbone", backbone, "-o", out, "--labelled", few)
    said = _json(capsys, *asked)
    assert (said["n_labelled"], said["n_copies"], said["n_items"]) == (40, 12, 88)
    assert said["gain"]["low"] <= said["gain"]["value"] <= said["gain"]["high"]
    assert said["shipped"] == out.exists(), "a refused backbone is not written"
    assert said["backbone"] == (f"own:@{out}" if said["shipped"] else backbone)


def test_a_table_of_vectors_cannot_be_refined(raw: Path, tmp_path: Path, capsys) -> None:
    folder = table_folder(tmp_path / "table", {"embeddings": table_vectors()}, unit=True)
    table = f"model2vec:small@{folder}"
    asked = ("pretrain", raw, "--lines", "--backbone", table, "-o", tmp_path / "o")
    said = _json(capsys, *asked, status=2)
    assert said["error"]["code"] == "no_such_cut"
