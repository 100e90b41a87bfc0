"""Tables of several labels are written over what topwork wrote before, and over nothing else."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from topwork.cli.app import run


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("marks")
    rng = np.random.default_rng(0)
    rows = []
    for i in range(40):
        dark, red = rng.integers(0, 2, 2)
        pixels = np.full((16, 16, 3), 60 if dark else 190) + rng.integers(-9, 9, (16, 16, 3))
        pixels[..., 0] += 50 * red
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{i}.png")
        rows.append((f"{i}.png", dark, red if i % 9 else ""))
    with (folder / "marks.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("path", "dark", "red"), *rows])
    return folder / "marks.csv"


def test_what_commands_wrote_may_be_replaced(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(tmp_path / "marks.topwork")
    few = ["--backbone", "pixels", "--no-near-duplicates", "--no-name-groups", "--quiet"]
    assert run(["fit", str(table), *few, "--out", model]) == 0
    for _ in range(2):
        for name, command in (
            ("told", ["predict", model, str(table.parent), "--out"]),
            ("judged", ["evaluate", model, str(table), "--out"]),
            ("checked", ["check", str(table), "--write"]),
        ):
            assert run([*command, str(tmp_path / f"{name}.csv")]) == 0, capsys.readouterr()
    capsys.readouterr()
    other = table.with_name("other.csv")
    other.write_text(table.read_text().replace("path,dark,red", "path,dark,rde", 1))
    assert run(["evaluate", model, str(other)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "The model doesn't know 1 of the labels of these items (rde)" in said


def test_tables_of_others_are_left(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.csv"
    own.write_text("path,true,predicted,why\n")
    assert run(["check", str(table), "--write", str(own), "--json"]) == 2
    assert "was not written by topwork" in capsys.readouterr().out
    assert own.read_text() == "path,true,predicted,why\n"


def test_a_model_is_no_folder_for_tables(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("manifest.json", "model.json"):
        (tmp_path / name).write_text("{}")
    assert run(["check", str(table), "--write", str(tmp_path / "t.csv"), "--json"]) == 2
    assert "would lie in the model" in capsys.readouterr().out
