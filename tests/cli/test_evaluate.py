"""What an evaluation leaves behind: a page, a table of wrong predictions, and what to do next."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import draw_folder
from topwork.cli.app import run


@pytest.fixture(scope="module")
def model(session_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluated")
    data = draw_folder(folder / "shapes", 12)
    target = folder / "shapes.topwork"
    assert run(["fit", str(data), "--out", str(target), "--quiet", "--no-baselines"]) == 0
    return target


@pytest.fixture(scope="module")
def mislabelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three stripes that are labelled as discs, their name an attack."""
    folder = draw_folder(tmp_path_factory.mktemp("more") / "shapes", 10, seed=5)
    for i in range(3):
        hostile = f"=<script>alert({i})<script>.png"
        (folder / "stripes" / f"{i:03}.png").rename(folder / "discs" / hostile)
    return folder


def test_wrong_predictions_are_written(
    model: Path, mislabelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, page = tmp_path / "wrong.csv", tmp_path / "page.html"
    command = ["evaluate", str(model), str(mislabelled), "-o", str(table), "--page", str(page)]
    assert run(command) == 0
    said = capsys.readouterr().out
    with table.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [(r["label"], r["predicted"]) for r in rows] == [("discs", "stripes")] * 3
    assert all(Path(r["path"]).is_file() for r in rows)
    probabilities = [float(r["probability"]) for r in rows]
    assert probabilities == sorted(probabilities, reverse=True)
    html = page.read_text(encoding="utf-8")
    assert "<script" not in html
    assert html.count("data:image/") >= 3
    for text in ("Which classes are taken for which", "Wrong predictions", "stripes"):
        assert text in html
    assert str(table) in said
    assert str(page) in said


def test_what_to_do_next_is_a_command(
    model: Path, mislabelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["evaluate", str(model), str(mislabelled)])
    assert f"topwork evaluate {model} {mislabelled} --page" in capsys.readouterr().out
    other = tmp_path / "other camera"
    for file in mislabelled.rglob("*.png"):
        copy = other / file.relative_to(mislabelled)
        copy.parent.mkdir(parents=True, exist_ok=True)
        dark = 255 - np.asarray(Image.open(file)) // 2
        Image.fromarray(dark.astype(np.uint8)).save(copy)
    run(["evaluate", str(model), str(other)])
    assert f"topwork adapt {model} '{other}'" in capsys.readouterr().out


def test_two_classes_are_judged_as_a_test_for_one(
    session_cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = draw_folder(tmp_path / "shapes", 12)
    (data / "discs").rename(data / "yes")
    (data / "noise").rename(data / "no")
    for file in (data / "stripes").iterdir():
        file.unlink()
    (data / "stripes").rmdir()
    target, page = tmp_path / "m.topwork", tmp_path / "page.html"
    assert run(["fit", str(data), "-o", str(target), "-q", "--no-baselines"]) == 0
    assert run(["evaluate", str(target), str(data), "--page", str(page), "-q"]) == 0
    for html in (page.read_text("utf-8"), (target / "report.html").read_text("utf-8")):
        assert "Sensitivity and specificity" in html
        assert "thresholds" in html


def test_predictions_fit_a_screen(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twenty rows, names in one piece, and where the others are."""
    data = draw_folder(tmp_path / ("long" * 12), 10, seed=3)
    assert run(["predict", str(model), str(data)]) == 0
    said = capsys.readouterr().out
    assert said.count(".png") == 20
    assert all(str(data) in line for line in said.splitlines() if ".png" in line)
    assert "And 10 more: write all of them with --out table.csv." in said
    assert run(["predict", str(model), str(data), "-o", str(tmp_path / "t.csv")]) == 0
    assert f"And 10 more: all of them are in {tmp_path / 't.csv'}." in capsys.readouterr().out
