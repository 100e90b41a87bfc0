"""A cache that can't be written stops nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import topwork as tw
from benchmarks.images import write_classes
from topwork.settings import FitSettings
from topwork.settings.run import CacheWarning


@pytest.fixture
def unwritable(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("")
    return tmp_path / "file" / "cache"


def test_a_fit_goes_on_and_says_so_once(unwritable: Path, tmp_path: Path) -> None:
    images = write_classes(tmp_path / "images", 2, 6)
    command = (sys.executable, "-m", "topwork", "fit", str(images), "--backbone", "pixels")
    done = subprocess.run(
        (*command, "--out", str(tmp_path / "m.topwork")),
        env={**os.environ, "TOPWORK_CACHE_DIR": str(unwritable)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (
        done.stderr.count(f"topwork can't write to its cache folder {unwritable} and goes on") == 1
    )
    assert "CacheWarning" not in done.stderr
    assert tw.load(tmp_path / "m.topwork").labels == ["class-000", "class-001"]


def test_settings_say_what_is_done(unwritable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOPWORK_CACHE_DIR", str(unwritable))
    with pytest.warns(CacheWarning, match="Set TOPWORK_CACHE_DIR"):
        assert not FitSettings().cache
    monkeypatch.setenv("TOPWORK_CACHE_DIR", str(unwritable.parent.parent / "other"))
    assert FitSettings().cache
