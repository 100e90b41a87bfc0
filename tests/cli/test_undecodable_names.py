"""Names of files and folders that are no UTF-8, as old archives hold them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.conftest import draw_folder
from topwork.cli.app import run

LATIN = os.fsdecode(b"caf\xe9.png")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A copy under such a name, such a class, a line break, signs of addresses, and a bad file."""
    folder = draw_folder(tmp_path_factory.mktemp("names") / "photos", per_class=8)
    discs = folder / "discs"
    (discs / LATIN).write_bytes((discs / "000.png").read_bytes())
    (discs / os.fsdecode(b"broken\xe9.png")).write_text("no image")
    (discs / "002.png").rename(discs / "line\nbreak.png")
    (discs / "003.png").rename(discs / "#50%20 off?.png")
    (folder / "noise").rename(folder / os.fsdecode(b"bru\xeet"))
    return folder


@pytest.fixture(scope="module")
def model(folder: Path, session_cache: Path) -> Path:
    target = folder.parent / "m.topwork"
    arguments = ["fit", str(folder), "--out", str(target), "--max-bad", "0.2", "--quiet"]
    assert run([*arguments, "--backbone", "pixels"]) == 0
    return target


def read_json(capsys, *arguments: str) -> dict:
    assert run([*arguments, "--json"]) == 0
    found: dict = json.loads(capsys.readouterr().out)
    return found


def test_paths_in_json_open_the_files(folder, model, capsys) -> None:
    found = read_json(capsys, "predict", str(model), str(folder / "discs"))
    assert all(Path(p["path"]).is_file() for p in found["predictions"])
    assert LATIN in {Path(p["path"]).name for p in found["predictions"]}
    assert [Path(r["path"]).is_file() for r in found["rejected"]] == [True]


def test_the_class_is_called_readably(folder, model, tmp_path, capsys) -> None:
    page = tmp_path / "page.html"
    found = read_json(capsys, "evaluate", str(model), str(folder), "--page", str(page))
    assert [c["label"] for c in found["per_class"]] == ["bruît", "discs", "stripes"]
    assert found["notes"] == ["The name of a folder is not in UTF-8; its class is called 'bruît'."]
    assert page.stat().st_size


def test_fit_prints_json(folder, tmp_path, capsys) -> None:
    arguments = (str(folder), "--out", str(tmp_path / "m"), "--max-bad", "0.2")
    found = read_json(capsys, "fit", *arguments, "--backbone", "pixels")
    assert Path(found["rejected"][0]["path"]).is_file()


def test_what_check_writes_is_read_again(folder, session_cache, tmp_path, capsys) -> None:
    table, page = folder.parent / "k.csv", tmp_path / "page.html"
    written = ("--write", str(table), "--page", str(page))
    found = read_json(capsys, "check", str(folder), *written)
    assert any(LATIN in m["path"] for g in found["duplicates"] for m in g["members"])
    arguments = (str(table), "--out", str(tmp_path / "m"), "--max-bad", "0.2")
    again = read_json(capsys, "fit", *arguments, "--backbone", "pixels")
    assert again["rejected"] == []
    assert again["n_items"] + again["skipped"]["rows not kept"] == found["n_items"]
