"""Commands that are printed to be typed: they read the data as the command before did."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.conftest import draw_folder
from topwork.cli.app import run

QUICK = ("--backbone", "packaged:efficientnet_lite0/64", "--no-baselines", "--folds", "2")


@pytest.fixture(scope="module")
def places(session_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table of shapes, one of them inverted and mislabelled, and a model."""
    folder = tmp_path_factory.mktemp("my tables")
    shapes = draw_folder(folder / "shapes", 12)
    (folder / "dark").mkdir()
    rows, dark = [], []
    for i, file in enumerate(sorted(shapes.rglob("*.png"))):
        pixels = 255 - np.asarray(Image.open(file).convert("RGB")) // 3
        Image.fromarray(pixels.astype(np.uint8)).save(folder / "dark" / f"{i:03}.png")
        rows.append((str(file.relative_to(folder)), file.parent.name))
        dark.append((f"{i:03}.png", file.parent.name if i else "stripes"))
    pd.DataFrame(rows, columns=["site file", "kind"]).to_csv(folder / "home.csv", index=False)
    pd.DataFrame(dark).to_csv(folder / "dark.csv", index=False, header=False)
    read = ("--columns", "path=site file,label=kind")
    assert run(["fit", str(folder / "home.csv"), *read, *QUICK, "-o", str(folder / "m"), "-q"]) == 0
    return folder


DARK = ("--no-header", "file,kind", "--columns", "path=file,label=kind", "--root", "{}/dark")


def _dark(places: Path) -> list[str]:
    return [one.format(places) for one in DARK]


def _printed(capsys: pytest.CaptureFixture[str], before: str, after: str = "\n") -> list[str]:
    """The words of the command that stands between two texts."""
    said = capsys.readouterr().out.rpartition(before)[2].partition(after)[0]
    words = shlex.split(said)
    assert words[0] == "topwork"
    return words[1:]


def test_evaluate_names_an_adaptation_to_the_same_rows(
    places: Path, tmp_path: Path, capsys
) -> None:
    given = ["evaluate", str(places / "m"), str(places / "dark.csv"), *_dark(places)]
    assert run([*given, "-o", str(tmp_path / "wrong.csv")]) == 0
    adapt = _printed(capsys, "without labels: ")
    assert adapt[:3] == ["adapt", *given[1:3]]
    assert "wrong.csv" not in " ".join(adapt)
    out = tmp_path / "adapted.topwork"
    assert run([*adapt, "-o", str(out), "--shallow", "--audit", "6"]) == 0
    sheet = _printed(capsys, "Then ", " gives the accuracy")
    assert sheet[-2:] == ["--labelled", str(tmp_path / "adapted-audit.csv")]
    assert "--audit" not in sheet
    assert {*_dark(places), str(out)} <= set(sheet)
    table = pd.read_csv(sheet[-1])
    assert len(table) == 6
    table.assign(label="discs").to_csv(sheet[-1], index=False)
    assert run([*sheet, "-q"]) == 0


def test_evaluate_and_rank_name_commands_with_the_columns(places: Path, tmp_path, capsys) -> None:
    read = ["--label", "kind", "--columns", "path=site file"]
    table = pd.read_csv(places / "home.csv")
    table["kind"] = ["stripes", *table["kind"][1:]]
    table.to_csv(places / "other.csv", index=False)
    assert run(["evaluate", str(places / "m"), str(places / "other.csv"), *read]) == 0
    again = _printed(capsys, "predicted wrongly: ")
    assert {*read} <= set(again)
    again[again.index("errors.html")] = str(tmp_path / "errors.html")
    assert run(again) == 0
    assert (tmp_path / "errors.html").is_file()
    ranked = ["rank", str(places / "home.csv"), *read, "--geometry", "crop"]
    assert run([*ranked, "--backbones", QUICK[1]]) == 0
    fit = shlex.split(capsys.readouterr().out.strip().rpartition("\n")[2])
    assert fit[:3] == ["topwork", "fit", str(places / "home.csv")]
    assert {*read, "--geometry", "crop"} <= set(fit)
    assert run([*fit[1:], *QUICK[2:], "-o", str(tmp_path / "m"), "-q"]) == 0


def test_of_several_domains_each_has_a_command_of_its_own(places: Path, tmp_path, capsys) -> None:
    both = [str(places / "dark"), str(places / "shapes")]
    given = ["adapt", str(places / "m"), *both, "--shallow", "-o", str(tmp_path / "models")]
    assert run(given) == 0
    said = " ".join(capsys.readouterr().out.split())
    model = shlex.quote(str(places / "m"))
    for folder, name in zip(both, ("dark", "shapes"), strict=True):
        out = tmp_path / "models" / f"m-{name}.topwork"
        assert (
            f"Next: topwork adapt {model} {shlex.quote(folder)} --shallow --out {out} --audit 60"
            in said
        )
