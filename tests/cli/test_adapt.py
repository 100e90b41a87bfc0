"""``adapt`` and ``fit --target`` on the command line."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from topwork.cli.app import run
from topwork.model import load

BACKBONE = "packaged:efficientnet_lite0/64"


def _json(capsys, *arguments: str, status: int = 0) -> dict:
    capsys.readouterr()
    assert run([*arguments, "--json", "--quiet"]) == status
    return json.loads(capsys.readouterr().out)


def _darkened(drawn: Path, folder: Path) -> Path:
    folder.mkdir()
    for i, file in enumerate(sorted(drawn.rglob("*.png"))):
        pixels = 255 - np.asarray(Image.open(file).convert("RGB")) // 3
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{i:03}.png")
    return folder


@pytest.fixture(scope="module")
def model(drawn: Path, session_cache: Path, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("model") / "home.topwork"
    assert run(["fit", str(drawn), "-o", str(path), "--backbone", BACKBONE, "--quiet"]) == 0
    return path


def test_several_domains_and_an_audit(model: Path, drawn: Path, tmp_path: Path, capsys) -> None:
    """One model each, named after its domain; the same again is no shift."""
    dark = _darkened(drawn, tmp_path / "dark")
    out = tmp_path / "models"
    common = ("--shallow", "--out", str(out), "--audit", "8")
    found = _json(capsys, "adapt", str(model), str(dark), str(drawn), *common)
    assert len(found["domains"]) == 2
    assert found["domains"][1]["shift"] == "none"
    assert {p.name for p in out.glob("*.topwork")} == {
        "home-dark.topwork",
        f"home-{drawn.name}.topwork",
    }
    with Path(found["domains"][0]["sheet"]).open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 8
    assert all((out / row["path"]).is_file() for row in rows)


def test_what_people_are_told(model: Path, drawn: Path, tmp_path: Path, capsys) -> None:
    """The kind of items, what to do next, and where an earlier model went."""
    dark, out = _darkened(drawn, tmp_path / "dark"), tmp_path / "m.topwork"
    common = ("adapt", str(model), str(dark), "--shallow", "--out", str(out))
    found = _json(capsys, *common)
    assert found["modality"] == "image"
    assert found["previous_model"] is None
    shutil.rmtree(out)
    shutil.copytree(model, out)
    (out / "model.json").write_text("{}")  # whatever it is, it isn't the same
    assert run([*common]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "m.1.topwork" in said
    assert "Next: topwork adapt" in said
    assert "--audit 60" in said


def test_a_model_may_be_saved_where_it_came_from(
    model: Path, drawn: Path, tmp_path: Path, capsys
) -> None:
    """Where nothing needs adapting the same model is saved again, from its own files."""
    place = Path(shutil.copytree(model, tmp_path / "same.topwork"))
    assert run(["adapt", str(place), str(drawn), "--out", str(place), "--shallow", "-q"]) == 0
    assert [p.name for p in tmp_path.iterdir()] == ["same.topwork"]
    assert run(["predict", str(place), str(drawn), "-q"]) == 0


def test_fit_for_a_target(drawn: Path, tmp_path: Path, capsys) -> None:
    dark, out = _darkened(drawn, tmp_path / "dark"), tmp_path / "m.topwork"
    common = ("--backbone", BACKBONE, "--target", str(dark), "-o", str(out), "--no-baselines")
    found = _json(capsys, "fit", str(drawn), *common)
    assert found["fit"]["model"] == str(tmp_path / "m-source.topwork")
    assert found["adapt"]["model"] == str(out)
    assert found["adapt"]["source"] == "given"
    assert load(out).labels == load(tmp_path / "m-source.topwork").labels


def test_a_stream(model: Path, drawn: Path, tmp_path: Path, capsys) -> None:
    """Answers are in a table, with how much the model that gave them had learnt from."""
    dark, out = _darkened(drawn, tmp_path / "dark"), tmp_path / "m.topwork"
    for file in list(dark.iterdir()):
        Image.open(file).transpose(Image.Transpose.ROTATE_180).save(dark / f"turned {file.name}")
    n = len(list(dark.iterdir()))
    common = ("--shallow", "--online", "30", "--out", str(out))
    found = _json(capsys, "adapt", str(model), str(dark), *common)
    assert found["n_items"] == n
    assert found["n_batches"] == -(-n // 30)
    with Path(found["answers"]).open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["path"] for row in rows] == sorted(row["path"] for row in rows)
    learnt = [int(row["adapted_to"]) for row in rows]
    assert n > 60
    first = found["adaptations"][0]
    assert first["n_items"] == 60
    assert learnt == [0] * 60 + [60 if first["adapted"] else 0] * (n - 60)
    assert load(out).labels == load(model).labels


def test_a_target_that_is_not_there_is_told_before_the_fit(
    model: Path, drawn: Path, tmp_path: Path, capsys
) -> None:
    out = tmp_path / "m.topwork"
    common = ("--backbone", BACKBONE, "--target", str(tmp_path / "nowhere"), "-o", str(out))
    found = _json(capsys, "fit", str(drawn), *common, status=2)
    assert "nowhere cannot be opened" in found["error"]["message"]
    assert not (tmp_path / "m-source.topwork").exists()
    places = (str(drawn), str(tmp_path / "nowhere"))
    found = _json(capsys, "adapt", str(model), *places, "-o", str(out), status=2)
    assert "nowhere cannot be opened" in found["error"]["message"]
    assert not out.exists()


def test_all_places_are_looked_at_before_any_work(
    model: Path, drawn: Path, tmp_path: Path, capsys
) -> None:
    dark, out = _darkened(drawn, tmp_path / "dark"), tmp_path / "models"
    (out / f"home-{drawn.name}.topwork").mkdir(parents=True)
    places = (str(dark), str(drawn), "--shallow", "-o", str(out))
    found = _json(capsys, "adapt", str(model), *places, status=2)
    assert found["error"]["code"] == "would_overwrite"
    assert [one.name for one in out.iterdir()] == [f"home-{drawn.name}.topwork"]


def test_what_cannot_be(model: Path, drawn: Path, tmp_path: Path, capsys) -> None:
    places = [tmp_path / name / "photos" for name in ("a", "b")]
    twice = _json(capsys, "adapt", str(model), *map(str, places), status=2)
    assert "called photos" in twice["error"]["message"]
    few = ("--labelled", str(tmp_path))
    several = _json(capsys, "adapt", str(model), "a", "b", *few, status=2)
    assert "one domain" in several["error"]["message"]
    online = ("--online", "0", "-o", str(tmp_path / "m.topwork"))
    nothing = _json(capsys, "adapt", str(model), str(drawn), *online, status=2)
    assert "0 items" in nothing["error"]["message"]
    assert not list(tmp_path.glob("*-answers.csv"))
    streams = _json(capsys, "adapt", str(model), "a", "b", "--online", "30", status=2)
    assert "one domain" in streams["error"]["message"]
