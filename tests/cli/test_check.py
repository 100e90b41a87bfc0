"""``topwork check`` on real files: what it finds, what it writes, that it deletes nothing."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data as photographs

from topwork.cli.app import run
from topwork.cli.commands.check import FIRST_WORDS, _first_words


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory) -> Path:
    """Photographs under two labels in two splits: a copy, a leak, a conflict and a bad file."""
    folder = tmp_path_factory.mktemp("spoilt") / "data"
    rng = np.random.default_rng(0)
    for split, n in (("train", 12), ("test", 4)):
        for label, name in (("cat", "chelsea"), ("coffee", "coffee")):
            picture = getattr(photographs, name)()
            (folder / split / label).mkdir(parents=True)
            for i in range(n):
                y, x = rng.integers(0, 170), rng.integers(0, 300)
                patch = np.rot90(picture[y : y + 120, x : x + 120], rng.integers(4))
                Image.fromarray(patch).save(folder / split / label / f"{i:02}.png")
    train = folder / "train"
    copy = Image.open(train / "cat" / "00.png").resize((90, 90))
    copy.save(train / "cat" / "copy.jpg", quality=70)
    shutil.copy(train / "cat" / "01.png", folder / "test" / "cat" / "leak.png")
    shutil.copy(train / "cat" / "02.png", train / "coffee" / "conflict.png")
    (train / "cat" / "bad.png").touch()
    return folder


def test_finds_what_is_wrong_and_touches_nothing(spoilt: Path, tmp_path: Path, capsys) -> None:
    before = sorted(spoilt.rglob("*"))
    table, page = tmp_path / "kept.csv", tmp_path / "page.html"
    arguments = ["check", str(spoilt), "--write", str(table), "--page", str(page), "--json"]
    assert run(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["schema_version"], found["task"], found["modality"]) == (
        "1.0",
        "classes",
        "image",
    )
    groups = [{Path(m["path"]).name for m in g["members"]} for g in found["duplicates"]]
    assert any({"00.png", "copy.jpg"} <= group for group in groups)
    assert any("leak.png" in {Path(m["path"]).name for m in g["members"]} for g in found["leaks"])
    assert any("conflict.png" in str(g) for g in found["conflicts"])
    assert found["rejected_by_reason"] == {"empty": 1}
    assert sorted(spoilt.rglob("*")) == before
    assert "data:image/jpeg" in page.read_text()
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert len(rows) == found["n_items"] == 35
    dropped = {Path(r["path"]).name for r in rows if r["keep"] == "0"}
    assert "conflict.png" in dropped
    assert dropped & {"00.png", "copy.jpg"}
    assert dropped & {"leak.png", "01.png"}
    out = str(tmp_path / "m.topwork")
    assert run(["fit", str(table), "--out", out, "--backbone", "pixels", "--json"]) == 0
    kept = [r for r in rows if r["keep"] == "1" and r["split"] == "train"]
    assert json.loads(capsys.readouterr().out)["n_items"] == len(kept)


def test_strict_ends_with_2_if_something_was_found(spoilt: Path, capsys) -> None:
    assert run(["check", str(spoilt), "--strict"]) == 2
    assert "the same image more than once" in capsys.readouterr().out


def test_texts_are_shown_by_their_first_words() -> None:
    text = "a word of many " * 20
    shown = _first_words("t.csv:7", text)
    assert shown.startswith("t.csv:7: a word of many")
    assert len(shown) <= len("t.csv:7: ") + FIRST_WORDS
    assert _first_words("a.jpg", None) == "a.jpg"
