"""Numbers on the command line: fit, predict, evaluate, report, and what can't be done with them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from topwork.cli.app import run

TABLE = "radii.csv"


def discs(folder: Path, n: int, seed: int) -> Path:
    """Images of discs, with their radius in a table."""
    rng = np.random.default_rng(seed)
    folder.mkdir()
    y, x = np.mgrid[:32, :32]
    rows = []
    for i in range(n):
        radius, (cy, cx) = rng.uniform(3, 14), rng.uniform(12, 20, 2)
        grey = rng.integers(0, 60, (32, 32)) + 150 * ((y - cy) ** 2 + (x - cx) ** 2 < radius**2)
        Image.fromarray(grey.astype(np.uint8)).save(folder / f"{i}.png")
        rows.append((f"{i}.png", f"{radius:.3f}", "ab"[i % 2]))
    with (folder / TABLE).open("w", newline="") as file:
        csv.writer(file).writerows([("path", "radius", "kind"), *rows])
    return folder / TABLE


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("discs")
    return discs(folder / "first", 60, 0), discs(folder / "second", 30, 1)


@pytest.fixture(scope="module")
def model(
    tables: tuple[Path, Path], session_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("model") / "radii.topwork"
    options = ["--label", "radius", "--backbone", "pixels", "-o", str(out), "--quiet"]
    assert run(["fit", str(tables[0]), *options]) == 0
    return out


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_fit_predicts_a_number_and_says_how_the_column_was_read(
    tables: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["fit", str(tables[0]), "--label", "radius", "--backbone", "pixels"]
    found = printed(capsys, *arguments, "-o", str(tmp_path / "m.topwork"))
    assert (found["task"], found["modality"], found["n_items"]) == ("number", "image", 60)
    assert set(found["scores"]) == {"mae", "rmse", "r2", "spearman"}
    assert all(set(score) == {"value", "low", "high"} for score in found["scores"].values())
    assert found["scores"]["r2"]["value"] > 0.8
    assert found["tried"][0]["name"] == "the median"
    assert any("--task classes" in note for note in found["notes"])


def test_predict_gives_the_value_with_its_interval(
    model: Path, tables: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    image = str(tables[1].parent / "0.png")
    found = printed(capsys, "predict", str(model), image)
    (one,) = found["predictions"]
    assert (found["task"], one["path"]) == ("number", image)
    assert one["low"] < one["value"] < one["high"]


def test_evaluate_judges_numbers_and_the_promise(
    model: Path, tables: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, page = tmp_path / "all.csv", tmp_path / "page.html"
    options = ["--label", "radius", "--out", str(out), "--page", str(page)]
    found = printed(capsys, "evaluate", str(model), str(tables[1]), *options)
    assert found["n_items"] == 30
    assert found["scores"]["r2"]["low"] > 0.5
    assert found["coverage"]["value"] > 0.7
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert len(rows) == 30
    assert set(rows[0]) == {"path", "true", "value", "low", "high"}
    shown = page.read_text("utf-8")
    assert "Predictions of these items" in shown
    assert "90 % was promised" in shown
    assert Path(rows[0]["path"]).name in shown


def test_the_report_shows_the_numbers(model: Path) -> None:
    page = (model / "report.html").read_text("utf-8")
    assert "mean absolute error" in page
    assert "holds the true number for 90 %" in page
    assert "image-regression" in (model / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    "option",
    [
        ["--int8"],
        ["--strategy", "auto"],
        ["--balanced"],
        ["--thorough"],
        ["--cost", "a=2"],
        ["--backbone", "auto"],
        ["--unlabelled", "."],
        ["--target", "."],
    ],
)
def test_what_only_classes_can_have_is_refused_at_once(
    option: list[str], tables: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["-o", str(tmp_path / "m.topwork")]
    assert run(["fit", str(tables[0]), "--label", "radius", *option, *out, "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "classes_only"


def test_a_regressor_cannot_be_adapted(
    model: Path, tables: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["adapt", str(model), str(tables[1].parent), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "other_task"


def test_check_tells_numbers_from_classes(
    tables: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "kept.csv"
    options = ["--columns", "label=radius", "--write", str(table)]
    found = printed(capsys, "check", str(tables[0]), *options)
    assert (found["task"], found["n_items"], found["small_classes"]) == ("number", 60, [])
    assert any("--task classes" in note for note in found["notes"])
    assert len(table.read_text().splitlines()) == 61


def test_rank_is_for_classes(tables: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rank", str(tables[0]), "--columns", "label=radius", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "classes_only"


def test_words_are_no_numbers(
    tables: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["fit", str(tables[0]), "--label", "kind", "--task", "number", "--json"]
    assert run(arguments) == 2
    assert (
        "60 of 60 labels are not numbers" in json.loads(capsys.readouterr().out)["error"]["message"]
    )
