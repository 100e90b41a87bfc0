"""Several columns of images, and several images in one cell, on the command line."""

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


def disc(path: Path, rng: np.random.Generator, radius: float) -> str:
    y, x = np.mgrid[:32, :32]
    grey = rng.integers(0, 60, (32, 32)) + 150 * ((y - 16) ** 2 + (x - 16) ** 2 < radius**2)
    Image.fromarray(grey.astype(np.uint8)).save(path)
    return path.name


def houses(folder: Path, n: int, seed: int) -> Path:
    """A price that follows from the discs of two columns, one of them pooled, and the rooms."""
    rng = np.random.default_rng(seed)
    folder.mkdir()
    rows = []
    for i in range(n):
        front, back = rng.uniform(3, 14, 2), rng.uniform(3, 14)
        names = [disc(folder / f"front{i}-{j}.png", rng, r) for j, r in enumerate(front)]
        other = disc(folder / f"back{i}.png", rng, back) if i % 10 else ""
        rooms = int(rng.integers(1, 8))
        price = 6 * front.sum() + 8 * back + 12 * rooms + rng.normal(0, 4)
        kind = "dear" if price > 235 else "cheap"
        rows.append((";".join(names), other, rooms, f"{price:.2f}", kind))
    for name, keep in (("price", (0, 1, 2, 3)), ("kind", (0, 1, 2, 4))):
        heading = ("front", "back", "rooms", "price", "kind")
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([[row[k] for k in keep] for row in (heading, *rows)])
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("houses")
    return houses(folder / "first", 140, 0), houses(folder / "second", 40, 1)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("label", ["price", "kind"])
def test_all_images_and_columns_are_used_and_saved(
    folders: tuple[Path, Path],
    label: str,
    tmp_path: Path,
    session_cache: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    table, other = (str(folder / f"{label}.csv") for folder in folders)
    out = str(tmp_path / "m.topwork")
    options = ["--columns", f"label={label}", "--image-columns", "front,back"]
    found = printed(capsys, "fit", table, *options, "--backbone", "pixels", "-o", out)
    names = [one["name"] for one in found["tried"]]
    assert {"the columns alone", "images in back alone"} < set(names)
    (chosen,) = (one["name"] for one in found["tried"] if one["chosen"])
    assert chosen.startswith("all images")
    assert chosen.endswith("and columns")
    assert any("back lacks 14 of 140" in note for note in found["notes"])
    assert any("140 of 140 cells name several images" in note for note in found["notes"])
    evaluated = printed(capsys, "evaluate", out, other)
    if label == "price":
        assert evaluated["scores"]["r2"]["value"] > 0.75
    else:
        assert evaluated["scores"]["balanced_accuracy"]["value"] > 0.75
    predicted = printed(capsys, "predict", out, other)
    command = [sys.executable, "-m", "topwork", "predict", out, other, "--json"]
    again = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert predicted["predictions"] == again["predictions"]
    assert len(predicted["predictions"]) == 40


def test_a_further_image_that_cannot_be_read_is_told_and_counts_as_missing(
    folders: tuple[Path, Path],
    tmp_path: Path,
    session_cache: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = str(tmp_path / "m.topwork")
    options = ["--label", "price", "--image-columns", "front,back", "--backbone", "pixels"]
    assert run(["fit", str(folders[0] / "price.csv"), *options, "-o", out, "--quiet"]) == 0
    front = folders[1] / "front0-0.png"
    table = tmp_path / "one.csv"
    (tmp_path / "bad.png").write_bytes(b"no image")
    table.write_text(f"front,back,rooms\n{front},,4\n{front},bad.png,4\n", "utf-8")
    found = printed(capsys, "predict", out, str(table))
    first, second = (one["value"] for one in found["predictions"])
    assert first == pytest.approx(second, rel=1e-5)
    assert [Path(one["path"]).name for one in found["rejected"]] == ["bad.png"]


def test_a_column_of_images_that_is_not_there_is_refused(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--label", "price", "--image-columns", "front,side", "--json"]
    out = ["-o", str(tmp_path / "m.topwork")]
    assert run(["fit", str(folders[0] / "price.csv"), *options, *out]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "missing_column"
