"""What an evaluation leaves behind: a page, a table of wrong predictions, and what to do next."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import draw_folder
from topwork.cli.app import run

SMALL = ("--backbone", "packaged:efficientnet_lite0/64")


@pytest.fixture(scope="module")
def model(session_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluated")
    data = draw_folder(folder / "shapes", 12)
    target = folder / "shapes.topwork"
    assert run(["fit", str(data), "--out", str(target), "--quiet", "--no-baselines", *SMALL]) == 0
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
    predicted = capsys.readouterr().out
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
    assert str(table) in predicted
    assert str(page) in predicted


@pytest.mark.parametrize("command", ["evaluate", "predict"])
def test_a_folder_that_is_not_there_is_told_before_any_work(
    command: str, mislabelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "none" / "o.csv"
    assert run([command, "no.topwork", str(mislabelled), "--out", str(out)]) == 2
    assert f"there is no folder {out.parent}" in capsys.readouterr().err


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
    assert run(["fit", str(data), "-o", str(target), "-q", "--no-baselines", *SMALL]) == 0
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
    predicted = capsys.readouterr().out
    assert predicted.count(".png") == 20
    assert all(str(data) in line for line in predicted.splitlines() if ".png" in line)
    assert "And 10 more: write all of them with --out table.csv." in predicted
    assert run(["predict", str(model), str(data), "-o", str(tmp_path / "t.csv")]) == 0
    assert f"And 10 more: all of them are in {tmp_path / 't.csv'}." in capsys.readouterr().out


def test_nothing_is_overwritten_that_topwork_did_not_write(
    model: Path, mislabelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the data themselves nor other files; what an earlier run wrote is replaced."""
    image = tmp_path / "a.png"
    image.write_bytes((mislabelled / "noise" / "000.png").read_bytes())
    data = tmp_path / "data.csv"
    data.write_text("path,label\na.png,noise\n")
    notes = tmp_path / "notes.md"
    notes.write_text("my notes")
    for command in (
        ["evaluate", str(model), str(data), "-o", str(data)],
        ["evaluate", str(model), str(data), "--page", str(notes)],
        ["predict", str(model), str(data), "-o", str(data)],
        ["predict", str(model), str(image), "-o", str(image)],
        ["check", str(data), "--write", str(data)],
        ["report", str(model), "--card", "-o", str(notes)],
        ["predict", str(model), str(image), "-o", str(tmp_path / "p.json")],
    ):
        before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
        assert run([*command, "-q"]) == 2, command
        assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
        assert "Traceback" not in capsys.readouterr().err
    for _ in range(2):
        assert run(["predict", str(model), str(image), "-o", str(tmp_path / "p.csv"), "-q"]) == 0
        page = str(tmp_path / "e.html")
        assert run(["evaluate", str(model), str(data), "--page", page, "-q"]) == 0


def test_a_table_of_predictions_has_all_probabilities(model: Path, tmp_path: Path) -> None:
    data, table = draw_folder(tmp_path / "more", 2, seed=4), tmp_path / "p.csv"
    assert run(["predict", str(model), str(data), "-o", str(table), "--top", "1", "-q"]) == 0
    with table.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        p = {k.removeprefix("probability of "): float(v) for k, v in row.items() if " of " in k}
        assert set(p) == {"discs", "noise", "stripes"}
        assert sum(p.values()) == pytest.approx(1, abs=1e-5)
        assert row["label"] == max(p, key=lambda name: p[name])


def test_labels_that_the_model_does_not_know_are_named(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = draw_folder(tmp_path / "more", 3, seed=4)
    (data / "noise").rename(data / "zebra")
    assert run(["evaluate", str(model), str(data)]) == 0
    assert "3 items were set aside" in (predicted := capsys.readouterr().err)
    assert "(zebra 3)" in predicted


def test_an_empty_input_is_not_the_current_folder(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["predict", str(model), ""]) == 2
    assert "An input is empty" in capsys.readouterr().err
