"""What the cache keeps, and what it lets go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from topwork.runtime import bound, cache_folder
from topwork.runtime.progress import printed_steps


@pytest.mark.parametrize(
    ("max_bytes", "kept", "left"),
    [(100, 0, "abcd"), (40, 0, "abcd"), (39, 0, "bcd"), (20, 0, "cd"), (0, 2, "cd"), (0, 0, "")],
)
def test_the_files_used_last_stay(tmp_path: Path, max_bytes: int, kept: int, left: str) -> None:
    for i, name in enumerate("abcd"):
        (tmp_path / name).write_bytes(bytes(10))
        os.utime(tmp_path / name, (1000 + i, 1000 + i))
    bound(tmp_path, max_bytes=max_bytes, kept=kept)
    assert "".join(sorted(file.name for file in tmp_path.iterdir())) == left


def test_a_folder_that_is_not_there_is_no_reason(tmp_path: Path) -> None:
    bound(tmp_path / "none", max_bytes=0)


def test_compiled_models_do_not_grow_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from topwork.model import sealed_model

    monkeypatch.setenv("TOPWORK_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(sealed_model, "MAX_COMPILED_BYTES", 25)
    folder = cache_folder() / "compiled"
    folder.mkdir()
    for i in range(5):
        (folder / f"{i}.blob").write_bytes(bytes(10))
        os.utime(folder / f"{i}.blob", None if i > 2 else (1, 1))
    assert sealed_model.compiled_folder() == folder
    assert sorted(file.name for file in folder.iterdir()) == ["3.blob", "4.blob"]


def test_progress_that_is_as_good_as_done_is_not_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("topwork.runtime.progress.time.monotonic", lambda: now)
    report = printed_steps("Features")
    report(1, 200)
    now = 110.0
    report(195, 200)
    assert capsys.readouterr().err == ""
    now = 130.0
    report(197, 200 + 100)
    assert capsys.readouterr().err == "Features: 197/300, 16 s left\n"
