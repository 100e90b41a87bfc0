"""A model knows what the columns of its table were called; later tables need no `--columns`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from topwork.cli.app import run
from topwork.data import columns_as_fitted, read
from topwork.errors import DataError
from topwork.model import Model, load

QUICK = ("--backbone", "pixels", "--no-baselines", "--folds", "2", "--no-cache")


@pytest.fixture
def frame(tmp_path, monkeypatch) -> pd.DataFrame:
    """Dark and bright images, by columns with names of their own."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    rows = []
    for bright in (False, True):
        for i in range(8):
            pixels = rng.integers(0, 60, (16, 16, 3)) + 180 * bright
            name = f"{'bright' if bright else 'dark'}{i}.png"
            Image.fromarray(pixels.astype(np.uint8)).save(name)
            rows.append((name, "bright" if bright else "dark", "dark"))
    found = pd.DataFrame(rows, columns=["picture", "tone", "label"])
    found.to_csv("t.csv", index=False)
    return found


def _fit(columns: str = "path=picture,label=tone") -> None:
    assert run(["fit", "t.csv", *QUICK, "-o", "m", "--columns", columns]) == 0


def _printed(capsys: Any, *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_commands_read_the_columns_that_the_model_was_fitted_with(frame, capsys) -> None:
    _fit()
    found = _printed(capsys, "predict", "m", "t.csv")
    assert [one["label"] for one in found["predictions"]] == frame["tone"].tolist()
    assert found["notes"] == [
        "Columns are read as in training (path=picture); --columns names others."
    ]
    judged = _printed(capsys, "evaluate", "m", "t.csv")
    assert judged["scores"]["accuracy"]["value"] == 1  # of tone: the column label says dark
    assert _printed(capsys, "adapt", "m", "t.csv", "-o", "n")["n_items"] == 16
    assert _printed(capsys, "predict", "n", "t.csv")["predictions"] == found["predictions"]


def test_what_is_typed_goes_before_what_is_known(frame, capsys) -> None:
    _fit()
    judged = _printed(capsys, "evaluate", "m", "t.csv", "--label", "label")
    assert judged["scores"]["accuracy"]["value"] == 0.5
    capsys.readouterr()
    assert run(["predict", "m", "t.csv", "--columns", "path=nothing"]) == 2
    assert "no column 'nothing'" in capsys.readouterr().err


def test_tables_with_other_columns_are_read_as_ever(frame, capsys) -> None:
    _fit()
    plain = frame.drop(columns="label").rename(columns={"picture": "path", "tone": "label"})
    plain.to_csv("plain.csv", index=False)
    assert _printed(capsys, "evaluate", "m", "plain.csv")["scores"]["accuracy"]["value"] == 1
    assert _printed(capsys, "predict", "m", "plain.csv")["notes"] == []
    assert len(_printed(capsys, "predict", "m", ".")["predictions"]) == 16


def test_models_in_python_know_them_as_well(frame) -> None:
    _fit()
    model = load("m")
    assert isinstance(model, Model)
    assert model.predict(frame).tolist() == frame["tone"].tolist()
    assert model.predict("t.csv").tolist() == frame["tone"].tolist()
    assert model.evaluate("t.csv").scores.accuracy.value == 1
    assert model.evaluate(frame).scores.accuracy.value == 1


def test_capitals_make_no_difference(frame) -> None:
    _fit()
    other = frame.drop(columns="label").rename(columns={"picture": "Picture", "tone": "TONE"})
    found = load("m").evaluate(other)
    assert found.scores.accuracy.value == 1


def test_files_of_boxes_are_refused_for_what_they_are(frame, capsys) -> None:
    _fit()
    boxes = {"images": [], "annotations": [], "categories": []}
    Path("boxes.json").write_text(json.dumps({**boxes, "x": {"bbox": []}}))
    assert run(["evaluate", "m", "boxes.json"]) == 2
    assert "don't go with" not in capsys.readouterr().err


def test_the_names_are_no_part_of_what_a_model_is(frame) -> None:
    _fit()
    plain = frame.drop(columns="label").rename(columns={"picture": "path", "tone": "label"})
    plain.to_csv("t.csv", index=False)
    named = load("m").identity
    _fit("label=label")
    assert load("m").identity == named


def test_columns_with_the_usual_names_are_not_noted(frame) -> None:
    frame.rename(columns={"picture": "path"}).to_csv("t.csv", index=False)
    _fit("label=tone")
    assert json.loads(Path("m/model.json").read_text())["columns"] == {"label": "tone"}


def test_a_list_has_no_columns(frame) -> None:
    known = columns_as_fitted({"path": "picture", "label": "tone"})
    data = read(frame["picture"].tolist(), frame["tone"].tolist(), columns=known)
    assert len(data) == 16
    with pytest.raises(DataError, match="no column 'path'"):
        read(frame.rename(columns={"picture": "x", "label": "y"}), columns=known, items="image")
