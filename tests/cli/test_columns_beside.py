"""Columns beside images on the command line: used where they help, and said."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from topwork.cli.app import run

NAMES = ("path", "price", "kind", "size", "rooms", "city", "code", "patient_id")


def houses(folder: Path, n: int, seed: int) -> Path:
    """Images of discs; the price follows from their radius, the rooms and the city."""
    rng = np.random.default_rng(seed)
    folder.mkdir()
    y, x = np.mgrid[:32, :32]
    rows = []
    for i in range(n):
        radius, (cy, cx) = rng.uniform(3, 14), rng.uniform(12, 20, 2)
        grey = rng.integers(0, 60, (32, 32)) + 150 * ((y - cy) ** 2 + (x - cx) ** 2 < radius**2)
        Image.fromarray(grey.astype(np.uint8)).save(folder / f"{i}.png")
        rooms, city = int(rng.integers(1, 8)), "ABC"[rng.integers(3)]
        price = 10 * radius + 15 * rooms + 30 * (city == "A") + rng.normal(0, 5)
        kind = "dear" if price > 155 else "cheap"
        size = {"dear": "L", "cheap": "S"}[kind]
        rows.append((f"{i}.png", f"{price:.2f}", kind, size, rooms, city, f"u{i}", i // 2))
    with (folder / "houses.csv").open("w", newline="") as file:
        csv.writer(file).writerows([NAMES, *rows])
    with (folder / "kinds.csv").open("w", newline="") as file:
        csv.writer(file).writerows([(row[0], *row[2:]) for row in (NAMES, *rows)])
    return folder / "houses.csv"


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("houses")
    return houses(folder / "first", 120, 0), houses(folder / "second", 40, 1)


def fitted(table: Path, label: str, *more: str) -> Path:
    out = table.parent / f"{label}.topwork"
    options = ["--label", label, "--backbone", "pixels", "-o", str(out), "--quiet", *more]
    assert run(["fit", str(table), *options]) == 0
    return out


@pytest.fixture(scope="module")
def price(tables: tuple[Path, Path], session_cache: Path) -> Path:
    return fitted(tables[0], "price", "--use-columns", "rooms,city")


@pytest.fixture(scope="module")
def kind(tables: tuple[Path, Path], session_cache: Path) -> Path:
    return fitted(tables[0], "kind", "--use-columns", "rooms,city")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("label", ["price", "kind"])
def test_images_and_columns_are_used_together_where_both_help(
    tables: tuple[Path, Path], label: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tables[0] if label == "price" else tables[0].with_name("kinds.csv")
    arguments = ["fit", str(table), "--label", label, "--backbone", "pixels"]
    found = printed(capsys, *arguments, "-o", str(tmp_path / "m.topwork"))
    names = [one["name"] for one in found["tried"]]
    assert {"the columns alone", "boosted trees on the columns"} < set(names)
    (chosen,) = (one["name"] for one in found["tried"] if one["chosen"])
    assert chosen.endswith("and columns")
    assert found["columns"]["used"] == "both"
    assert found["columns"]["items_add"]["low"] > 0
    assert found["columns"]["columns_add"]["low"] > 0
    assert found["columns"]["sentence"].startswith("The images ")
    (said,) = (note for note in found["notes"] if note.startswith("Columns tried"))
    used, left_out = said.split("Not used:")
    assert "rooms, city" in used
    assert "code (an identifier" in left_out
    assert "patient_id (it says whose item it is" in left_out
    assert ("size (it says the target by itself)" in left_out) == (label == "kind")


@pytest.mark.parametrize("model", ["price", "kind"])
def test_the_model_answers_alike_in_a_new_process_and_on_other_data(
    tables: tuple[Path, Path],
    model: str,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = request.getfixturevalue(model)
    found = printed(capsys, "predict", str(folder), str(tables[1]))
    command = [sys.executable, "-m", "topwork", "predict", str(folder), str(tables[1]), "--json"]
    again = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert found["predictions"] == again["predictions"]
    evaluated = printed(capsys, "evaluate", str(folder), str(tables[1]))
    if model == "price":
        assert evaluated["scores"]["r2"]["value"] > 0.85
    else:
        assert evaluated["scores"]["balanced_accuracy"]["value"] > 0.8


def test_what_is_missing_is_the_mean_and_said(
    tables: tuple[Path, Path], price: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = tables[1].parent / "0.png"
    found = printed(capsys, "predict", str(price), str(image))
    assert any("no column 'rooms', 'city'" in note for note in found["notes"])
    alone = found["predictions"][0]["value"]
    table = tmp_path / "one.csv"
    table.write_text(f"path,Rooms,city\n{image},4,\n{image},4,Z\n", "utf-8")
    found = printed(capsys, "predict", str(price), str(table))
    assert any("'city'" in note and "no training item" in note for note in found["notes"])
    assert all(abs(one["value"] - alone) < 40 for one in found["predictions"])


def test_none_and_names_decide(
    tables: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["fit", str(tables[0]), "--label", "price", "--backbone", "pixels"]
    out = ["-o", str(tmp_path / "m.topwork")]
    found = printed(capsys, *arguments, *out, "--use-columns", "none")
    assert found["columns"] is None
    assert "the columns alone" not in [one["name"] for one in found["tried"]]
    for names, code in (("doors", "missing_column"), ("price", "column_in_use")):
        assert run([*arguments, *out, "--use-columns", names, "--json"]) == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == code


def test_what_needs_images_alone_is_refused(
    kind: Path, tables: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["-o", str(tmp_path / "m.topwork")]
    folder = str(tables[1].parent)
    for command in (
        ["adapt", str(kind), folder, *out],
        ["fit", str(tables[1]), "--label", "kind", "--from", str(kind), *out],
        ["watch", str(kind), folder],
        ["export", str(kind), *out],
    ):
        capsys.readouterr()
        assert run([*command, "--json"]) == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "has_columns"


def test_columns_go_with_tables(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--backbone", "pixels", "-o", str(tmp_path / "m.topwork"), "--json"]
    assert run(["fit", str(drawn), "--use-columns", "rooms", *options]) == 2
    assert "table" in json.loads(capsys.readouterr().out)["error"]["message"]
    assert run(["fit", str(drawn), "--use-columns", "none", *options]) == 0


def test_words_that_are_enough_are_said_to_be(
    tmp_path: Path, session_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    words = ["oak", "elm", "ash", "fir", "yew", "box", "bay", "fig", "ivy", "rye"]
    rows = []
    for i in range(90):
        own = "cat" if i % 2 else "dog"
        rows.append((f"{own} {' '.join(rng.choice(words, 6))} {i}", own, int(rng.integers(9))))
    with (tmp_path / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("text", "label", "weight"), *rows])
    options = ["--no-near-duplicates", "-o", str(tmp_path / "m.topwork")]
    found = printed(capsys, "fit", str(tmp_path / "t.csv"), *options)
    assert found["columns"]["used"] == "items"
    assert "columns are not used" in found["columns"]["sentence"] or (
        found["columns"]["sentence"].startswith("The texts are enough")
    )
