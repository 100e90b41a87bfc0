"""Tables of other programs on the command line: what is read, what is said, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from topwork.cli.app import run
from topwork.data import read
from topwork.errors import DataError
from topwork.model import load
from topwork.transductive import adapt

QUICK = ("--backbone", "pixels", "--no-baselines", "--folds", "2", "--no-cache")


@pytest.fixture
def pictures(tmp_path, monkeypatch) -> pd.DataFrame:
    """Dark and bright pictures and a frame with their paths."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    rows = []
    for bright in (False, True):
        for i in range(8):
            pixels = rng.integers(0, 60, (16, 16, 3)) + 180 * bright
            name = f"{'bright' if bright else 'dark'}{i}.png"
            Image.fromarray(pixels.astype(np.uint8)).save(name)
            rows.append((name, bright))
    return pd.DataFrame(rows, columns=["path", "label"])


def test_many_numbers_are_predicted_and_never_taken_for_classes(pictures, capsys) -> None:
    pictures.assign(label=np.linspace(0, 5.55, 16)).to_csv("t.csv", index=False)
    assert run(["fit", "t.csv", *QUICK, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["task"], found["n_items"]) == ("number", 16)
    assert "16 different numbers" in found["notes"][0]


def test_a_model_knows_its_labels_in_every_form_of_table(pictures, capsys) -> None:
    pictures.to_csv("t.csv", index=False)
    pictures.to_parquet("t.parquet")
    pictures.to_json("t.jsonl", orient="records", lines=True)
    pictures.assign(label=pictures["label"].astype(float)).to_csv("numbers.csv", index=False)
    assert run(["fit", "t.csv", *QUICK, "-o", "m"]) == 0
    for name in ("t.csv", "t.parquet", "t.jsonl"):
        capsys.readouterr()
        assert run(["evaluate", "m", name, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["n_items"], found["unknown_labels"]) == (16, 0)
        assert found["scores"]["accuracy"]["value"] == 1
    assert run(["evaluate", "m", "numbers.csv"]) == 2
    assert "--columns label=NAME" in capsys.readouterr().err


def test_predict_takes_the_columns_that_its_message_names(pictures, capsys) -> None:
    pictures.to_csv("t.csv", index=False)
    assert run(["fit", "t.csv", *QUICK, "-o", "m"]) == 0
    pictures.rename(columns={"path": "picture"}).to_csv("other.csv", index=False)
    assert run(["predict", "m", "other.csv"]) == 2
    assert "--columns path=picture" in capsys.readouterr().err
    assert run(["predict", "m", "other.csv", "--columns", "path=picture", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["predictions"]) == 16
    pictures.to_csv("bare.csv", index=False, header=False)
    assert run(["predict", "m", "bare.csv"]) == 2
    assert "--no-header path,label" in capsys.readouterr().err
    assert run(["predict", "m", "bare.csv", "--no-header", "path,label", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["predictions"]) == 16


def test_rows_without_a_label_are_said(pictures, capsys) -> None:
    labels = [None if i % 4 == 0 else str(label) for i, label in enumerate(pictures["label"])]
    pictures.assign(label=labels).to_csv("t.csv", index=False)
    assert run(["fit", "t.csv", *QUICK]) == 0
    assert capsys.readouterr().err.count("4 rows without a label") == 1


def test_signs_as_labels_go_round(pictures, capsys) -> None:
    pictures.assign(label=["+", "="] * 8).to_csv("t.csv", index=False)
    assert run(["fit", "t.csv", *QUICK, "-o", "m"]) == 0
    assert run(["predict", "m", "t.csv", "-o", "p.csv"]) == 0
    assert set(pd.read_csv("p.csv")["label"]) <= {"+", "="}
    capsys.readouterr()
    assert run(["evaluate", "m", "p.csv", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"]["accuracy"]["value"] == 1


def test_paths_start_from_the_folder_that_is_named(pictures, capsys) -> None:
    pictures.to_csv("t.csv", index=False)
    assert run(["fit", "t.csv", *QUICK, "-o", "m"]) == 0
    Path("elsewhere").mkdir()
    pictures.to_csv("elsewhere/t.csv", index=False)
    capsys.readouterr()
    assert run(["predict", "m", "elsewhere/t.csv", "--root", ".", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["predictions"]) == 16
    adapting = ("adapt", "m", "-o", "a", "--shallow", "--root", ".")
    assert run([*adapting, "elsewhere/t.csv", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_items"] == 16
    for command in (["predict", "m", "dark0.png", "--root", "."], [*adapting, "elsewhere"]):
        assert run(command) == 2
        assert "root goes with a table" in capsys.readouterr().err


def test_items_of_another_modality_are_refused_as_such(pictures, capsys) -> None:
    pictures.to_csv("t.csv", index=False)
    assert run(["fit", "t.csv", *QUICK, "-o", "m"]) == 0
    pd.DataFrame({"text": ["a b", "c d"] * 20, "label": ["x", "y"] * 20}).to_csv("s.csv")
    for command in (["evaluate", "m", "s.csv", "--kind", "text"], ["fit", "s.csv", "--from", "m"]):
        assert run(command) == 2
        assert "m takes images, but the items are texts." in capsys.readouterr().err
    with pytest.raises(DataError, match="this model takes images, but the items are texts"):
        adapt(load("m"), read("s.csv"))


def test_how_unlabelled_items_were_read_is_said(pictures, capsys) -> None:
    pictures[::2].to_csv("t.csv", index=False)
    pictures[["path"]].to_csv("u.csv", index=False, encoding="utf-16")
    assert run(["fit", "t.csv", *QUICK, "--unlabelled", "u.csv", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert "UTF-16" in found["unlabelled"]["sentence"]
