"""Files and folders are there as a whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from topwork.runtime import new_folder, write_whole


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    write_whole(file, "ä")
    write_whole(file, b"second", lasting=True)
    assert file.read_text() == "second"
    with pytest.raises(TypeError):
        write_whole(file, 3)  # type: ignore[arg-type]
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]
    assert file.read_text() == "second"


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    place = tmp_path / "folder"
    for content in ("one", "two"):
        with new_folder(place) as draft:
            (draft / "a").write_text(content)
    with pytest.raises(IsADirectoryError), new_folder(place) as draft:
        draft.write_text("three")
    assert (place / "a").read_text() == "two"
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


def test_what_was_there_goes_beside_or_stays(tmp_path: Path) -> None:
    """Beside the new folder where that was asked for; where it was where anything fails."""
    place, beside = tmp_path / "folder", tmp_path / "folder.1"
    for content in ("one", "two"):
        with new_folder(place, old_to=lambda: beside) as draft:
            (draft / "a").write_text(content)
    assert ((place / "a").read_text(), (beside / "a").read_text()) == ("two", "one")
    with pytest.raises(OSError, match="No such file"), new_folder(place) as draft:
        draft.rmdir()  # so that it can't take its place
    assert (place / "a").read_text() == "two"


_HOLDER = """
import gc, os
from topwork.runtime import TemporaryFolder
holder = TemporaryFolder()
place = holder.folder
if hasattr(os, "fork"):
    child = os.fork()
    if child == 0:
        del holder
        gc.collect()
        os._exit(0)
    os.waitpid(child, 0)
assert place.is_dir()
del holder
gc.collect()
assert not place.exists()
"""


def test_a_temporary_folder_goes_with_its_holder_but_not_with_a_fork() -> None:
    """In a process of its own: libraries that others imported here warn of forks."""
    subprocess.run([sys.executable, "-c", _HOLDER], check=True)
