"""What is given on the command line: files of lines, misspelt names, standard input."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import draw_folder
from tests.language import model_folder, reviews
from topwork.cli.app import run


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Texts and labels in two files, and what the labels are called."""
    folder = tmp_path_factory.mktemp("lines")
    texts, labels = reviews(40)
    numbers = {name: str(i) for i, name in enumerate(sorted(set(labels)))}
    (folder / "train_text.txt").write_text("\n".join(texts) + "\n", "utf-8")
    (folder / "train_labels.txt").write_text("\n".join(numbers[x] for x in labels) + "\n", "utf-8")
    (folder / "mapping.txt").write_text("\n".join(f"{n}\t{x}" for x, n in numbers.items()), "utf-8")
    return folder


@pytest.fixture(scope="module")
def model(files: Path, session_cache: Path, tmp_path_factory) -> Path:
    backbone = f"transformers:tiny@{model_folder(tmp_path_factory.mktemp('models') / 'bert')}"
    target = files.parent / "lines.topwork"
    named = ("--labels", str(files / "train_labels.txt"), "--names", str(files / "mapping.txt"))
    arguments = ["fit", str(files / "train_text.txt"), *named, "--out", str(target), "--quiet"]
    assert run([*arguments, "--backbone", backbone, "--no-baselines"]) == 0
    return target


def test_lines_with_labels_in_a_second_file(files: Path, model: Path, capsys) -> None:
    named = ("--labels", str(files / "train_labels.txt"), "--names", str(files / "mapping.txt"))
    assert run(["evaluate", str(model), str(files / "train_text.txt"), *named, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n_items"], found["unknown_labels"]) == (40, 0)
    assert not {c["label"] for c in found["per_class"]} & {"0", "1"}


def test_wrong_predictions_of_texts_are_written_with_the_text(
    files: Path, model: Path, tmp_path: Path
) -> None:
    labels = (files / "train_labels.txt").read_text("utf-8").splitlines()
    texts = (files / "train_text.txt").read_text("utf-8").splitlines()
    others = tmp_path / "labels.txt"
    others.write_text("\n".join(labels[1:] + labels[:1]) + "\n", "utf-8")
    named = ("--labels", str(others), "--names", str(files / "mapping.txt"))
    for _ in range(2):  # over what it wrote itself
        written = ("--out", str(tmp_path / "wrong.csv"), "--quiet")
        assert run(["evaluate", str(model), str(files / "train_text.txt"), *named, *written]) == 0
    with (tmp_path / "wrong.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert rows
    assert all(row["text"] == texts[int(row["path"].split(":")[-1]) - 1] for row in rows)


def test_predict_does_not_read_lines_as_one_text(files: Path, model: Path, capsys) -> None:
    assert run(["predict", str(model), str(files / "train_text.txt")]) == 0
    assert "has 40 lines and was read as one text; --lines" in capsys.readouterr().err
    assert run(["predict", str(model), str(files / "train_text.txt"), "--lines", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["predictions"]) == 40


@pytest.mark.parametrize("name", ["trian_text.txt", "nwe.csv"])
def test_a_misspelt_name_is_no_text(name, files: Path, model: Path, capsys) -> None:
    assert run(["predict", str(model), str(files / name)]) == 2
    said = capsys.readouterr().err
    assert name in said
    assert "missing" in said or "No such file" in said


def test_a_misspelt_name_beside_others_is_rejected(files: Path, model: Path, capsys) -> None:
    assert run(["predict", str(model), "a fine film", "nofile.txt", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(r["path"], r["reason"]) for r in found["rejected"]] == [("nofile.txt", "missing")]
    assert len(found["predictions"]) == 1


def give(monkeypatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))


def test_texts_from_standard_input(model: Path, monkeypatch, capsys) -> None:
    give(monkeypatch, b"a good film\n\na dull one\n")
    assert run(["predict", str(model), "-", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [p["text"] for p in found["predictions"]] == ["a good film", "a dull one"]


@pytest.mark.parametrize(("data", "said"), [(b"", "is empty"), (b"\xff\xfe", "not in UTF-8")])
def test_useless_standard_input(data, said, model: Path, monkeypatch, capsys) -> None:
    give(monkeypatch, data)
    assert run(["predict", str(model), "-"]) == 2
    assert said in capsys.readouterr().err


def test_an_image_from_standard_input(tmp_path, session_cache, monkeypatch, capsys) -> None:
    folder, target = draw_folder(tmp_path / "photos", per_class=6), tmp_path / "m.topwork"
    arguments = ["fit", str(folder), "--out", str(target), "--backbone", "pixels", "--quiet"]
    assert run(arguments) == 0
    one = min(folder.glob("*/*.png"))
    for data in (one.read_bytes(), f"{one}\n".encode()):
        give(monkeypatch, data)
        assert run(["predict", str(target), "-", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["predictions"][0]["label"] == one.parent.name


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("train", "topwork fit DATA"), ("Test", "topwork evaluate"), ("classify", "topwork predict")],
)
def test_commands_of_other_tools(typed, meant, capsys) -> None:
    assert run([typed, "photos"]) == 2
    assert f"Did you mean: {meant}" in capsys.readouterr().err


def test_geometry_means_nothing_for_texts(files: Path, tmp_path: Path, capsys) -> None:
    named = ("--labels", str(files / "train_labels.txt"), "--geometry", "pad")
    out = ("--out", str(tmp_path / "m.topwork"))
    assert run(["fit", str(files / "train_text.txt"), *named, *out]) == 2
    assert "geometry cannot be 'pad' for texts" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--kind", "--items"])
def test_the_kind_has_one_name_everywhere(option, tmp_path: Path, capsys) -> None:
    (tmp_path / "t.csv").write_text("text,label\na b,x\nc d,y\n")
    assert run(["fit", str(tmp_path / "t.csv"), option, "image"]) == 2
    assert "no column 'path'" in capsys.readouterr().err
    assert run(["fit", "--help"]) == 0
    assert "--items" not in capsys.readouterr().out
