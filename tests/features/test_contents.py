"""What the cache holds is listed whole, whatever a killed process left in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from topwork.cli.app import run
from topwork.features.contents import cache_contents, folder_bytes


@pytest.fixture
def filled(drawn: Path, fresh_cache: Path, tmp_path: Path) -> Path:
    assert run(["fit", str(drawn), "--backbone", "pixels", "-o", str(tmp_path / "m"), "-q"]) == 0
    for name in ("graphs", "compiled", "something else"):
        (fresh_cache / name).mkdir(exist_ok=True)
        (fresh_cache / name / "file").write_bytes(b"x" * 300_000)
    return fresh_cache


def test_the_table_sums_to_the_total(filled: Path, capsys) -> None:
    capsys.readouterr()
    assert run(["cache", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    listed = sum(one["bytes"] for one in (*said["entries"], *said["other"]))
    assert listed == said["bytes"] == folder_bytes(filled)
    assert {"graphs", "compiled", "something else"} <= {one["name"] for one in said["other"]}
    assert run(["cache"]) == 0
    shown = capsys.readouterr().out
    assert "networks as graphs" in shown
    assert "graphs compiled for this processor" in shown


@pytest.mark.parametrize("left", [b"", b"{", b"[]", b"\xff"])
def test_a_store_that_a_kill_left_unreadable_is_counted_and_cleared(
    filled: Path, left: bytes, capsys
) -> None:
    note = next(filled.glob("features/*/fingerprint.json"))
    before = len(cache_contents(filled).entries)
    note.write_bytes(left)
    found = cache_contents(filled)
    assert len(found.entries) == before - 1
    assert found.bytes == folder_bytes(filled)
    assert run(["cache"]) == 0
    assert run(["cache", "--clear"]) == 0
    assert not filled.exists()


def test_an_empty_note_is_written_again(filled: Path, drawn: Path, tmp_path: Path) -> None:
    notes = sorted(filled.glob("features/*/fingerprint.json"))
    before = [note.read_text() for note in notes]
    notes[0].write_bytes(b"")
    notes[1].write_bytes(b"")
    out = str(tmp_path / "again")
    assert run(["fit", str(drawn), "--backbone", "pixels", "-o", out, "-q"]) == 0
    assert [note.read_text() for note in notes] == before
