"""Sample data: every set is written, the same each time, and the command that is named reads it."""

from __future__ import annotations

import hashlib
import json
import shlex
from pathlib import Path

import pytest

from topwork.cli.app import run
from topwork.cli.samples.kinds import SAMPLE_SETS


def digest(folder: Path) -> str:
    found = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            found.update(str(file.relative_to(folder)).encode() + file.read_bytes())
    return found.hexdigest()


@pytest.mark.parametrize("kind", SAMPLE_SETS)
def test_the_same_seed_writes_the_same_files(kind: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        SAMPLE_SETS[kind].write(tmp_path / name, 0)
    SAMPLE_SETS[kind].write(tmp_path / "other", 1)
    assert digest(tmp_path / "one") == digest(tmp_path / "two") != digest(tmp_path / "other")
    assert sum(1 for file in (tmp_path / "one").rglob("*") if file.is_file()) <= 500


def test_the_kinds_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sample"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {kind}" in shown for kind in SAMPLE_SETS)
    assert run(["sample", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["kinds"]
    assert [one["kind"] for one in listed] == list(SAMPLE_SETS)


@pytest.mark.parametrize("kind", ["surfaces", "cards", "tickets", "slices", "mosaics"])
def test_check_reads_what_was_written(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["sample", kind, "--json"]) == 0
    written = json.loads(capsys.readouterr().out)
    assert written["written"] == kind
    place = shlex.split(written["command"])[2]
    assert run(["check", place, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["n_items"] >= 20
    assert not found["rejected"]


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").write_text("mine")
    assert run(["sample", "parts", "--out", str(tmp_path)]) == 2
    assert "--out" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


def test_an_unknown_kind_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sample", "cats"]) == 2
    assert "surfaces" in capsys.readouterr().err
