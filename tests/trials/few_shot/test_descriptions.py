"""Sentences about classes, and models that know nothing else."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from tests.trials.few_shot.test_names import SAID
from topwork.cli.app import run
from topwork.data import read
from topwork.errors import DataError, ParameterError
from topwork.inductive import FitSettings, fit
from topwork.trials.few_shot import class_texts, items_of_names

CODES = {name: f"C{i}" for i, name in enumerate(SAID)}
DESCRIBED = "the descriptions of the classes as training texts"


def _table(folder: Path, rows: list[tuple[str, str]]) -> Path:
    file = folder / "classes.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("label", "text"), *rows])
    return file


def test_descriptions_are_learnt_from_where_labels_are_codes(tmp_path: Path) -> None:
    file = _table(tmp_path, [(CODES[name], f"This is about a {name}.") for name in SAID])
    texts = [said[0] for said in SAID.values()]
    data = read(texts, list(CODES.values()), items="text")
    fitted = fit(data, FitSettings(baselines=False, describe=file))
    assert fitted.artifacts.chosen.candidate.name == DESCRIBED
    rest = [(text, CODES[name]) for name, said in SAID.items() for text in said[1:]]
    right = fitted.model.predict([text for text, _ in rest]) == np.array([c for _, c in rest])
    assert right.mean() >= 0.75


def test_lines_and_several_sentences_per_class(tmp_path: Path) -> None:
    file = tmp_path / "classes.txt"
    file.write_text("a: one sentence\nb: another: with a colon\na: a second one\n", "utf-8")
    assert class_texts(["a", "b"], file) == {
        0: ["one sentence", "a second one"],
        1: ["another: with a colon"],
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: x", "does not describe 1 class: b"),
        ("a: x\nb: y\nc: z", "describes c"),
        ("a x\nb y", "without a colon"),
        ("", "without a colon"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "classes.txt"
    file.write_text(content, "utf-8")
    with pytest.raises(DataError, match=said):
        class_texts(["a", "b"], file)


def test_names_alone_make_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No label at all; what it is worth is measured on others."""
    texts = tmp_path / "texts.csv"
    said = [(text, name) for name, all_ in SAID.items() for text in all_]
    with texts.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text",), *((text,) for text, _ in said)])
    model = tmp_path / "named.topwork"
    arguments = ["fit", str(texts), "--classes", ",".join(SAID), "--out", str(model)]
    assert run([*arguments, "--no-baselines"]) == 0
    assert "topwork label" in capsys.readouterr().out
    predicted = tw.load(model).predict([text for text, _ in said])
    assert np.mean(predicted == np.array([name for _, name in said])) >= 0.7
    assert run([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"] is None


def test_names_need_words_two_classes_and_texts(drawn: Path, tmp_path: Path, capsys) -> None:
    with pytest.raises(ParameterError, match="no word"):
        items_of_names(["A1", "B2"])
    with pytest.raises(ParameterError, match="two classes"):
        items_of_names(["sports", "sports"])
    arguments = ["fit", str(drawn), "--classes", "discs,stripes", "--json"]
    assert run([*arguments, "--out", str(tmp_path / "m.topwork")]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "no_texts"
