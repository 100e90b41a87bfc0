"""No folder holds more than one can look through."""

from __future__ import annotations

from collections import defaultdict

from tests.structure.source import modules

MOST_FILES, MOST_LINES, MOST_IN_A_FILE = 25, 2500, 400


def test_no_folder_holds_too_much_on_one_level() -> None:
    files: dict[str, int] = defaultdict(int)
    lines: dict[str, int] = defaultdict(int)
    for name, path in modules():
        folder = name.rpartition("/")[0]
        files[folder] += 1
        lines[folder] += len(path.read_text("utf-8").splitlines())
    assert len(files) > 30
    assert {folder: n for folder, n in files.items() if n > MOST_FILES} == {}
    assert {folder: n for folder, n in lines.items() if n > MOST_LINES} == {}


def test_no_file_is_too_long() -> None:
    long = {name: len(path.read_text("utf-8").splitlines()) for name, path in modules()}
    assert {name: n for name, n in long.items() if n > MOST_IN_A_FILE} == {}
