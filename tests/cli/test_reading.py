"""What every command says of data that it left out or read in another way than they lie there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import draw_folder
from topwork.cli.app import run
from topwork.data import FORMATS


@pytest.fixture(scope="module")
def untidy(tmp_path_factory) -> Path:
    """Class folders with files that are no images, and with folders of a network drive."""
    folder = draw_folder(tmp_path_factory.mktemp("untidy") / "photos", per_class=8)
    first = min(folder.iterdir())
    (first / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic")
    (first / "@eaDir").mkdir()
    shutil.copy(min(first.glob("*.png")), first / "@eaDir" / "thumbnail.png")
    return folder


@pytest.fixture(scope="module")
def model(untidy: Path, session_cache: Path) -> Path:
    target = untidy.parent / "m.topwork"
    assert run(["fit", str(untidy), "--out", str(target), "--backbone", "pixels", "--quiet"]) == 0
    return target


@pytest.mark.parametrize("command", ["fit", "check", "evaluate", "predict"])
def test_what_was_left_out_is_counted_and_named(command, untidy, model, tmp_path, capsys) -> None:
    more = {
        "fit": [str(untidy), "--backbone", "pixels", "--out", str(tmp_path / "m.topwork")],
        "check": [str(untidy)],
    }.get(command, [str(model), str(untidy)])
    assert run([command, *more]) == 0
    said = capsys.readouterr().err
    assert "1 file is no image that topwork reads: 1 .heic (convert them to JPEG:" in said
    assert "1 hidden or left behind by the system" in said
    assert run([command, *more, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["skipped"] == {".heic": 1, "hidden or left behind by the system": 1}


def test_a_wrong_level_is_no_fit(tmp_path: Path, capsys) -> None:
    for part in ("yes", "no", "more/yes", "more/no"):
        (tmp_path / "scans" / part).mkdir(parents=True, exist_ok=True)
        (tmp_path / "scans" / part / "1.jpg").touch()
    assert run(["fit", str(tmp_path / "scans"), "--out", str(tmp_path / "m.topwork")]) == 2
    said = capsys.readouterr().err
    assert "second set" in said
    assert "--exclude more" in said
    assert not (tmp_path / "m.topwork").exists()


def test_subfolders_as_groups(tmp_path: Path, session_cache: Path, capsys) -> None:
    folder = draw_folder(tmp_path / "photos", per_class=8)
    for one in folder.glob("*/*.png"):
        inner = one.parent / f"{one.parent.name}{int(one.stem[-1]) % 4}"
        inner.mkdir(exist_ok=True)
        one.rename(inner / f"{one.parent.name}{one.name}")
    fit = ["fit", str(folder), "--backbone", "pixels", "--out", str(tmp_path / "m.topwork")]
    assert run(fit) == 0
    assert "12 subfolders lie inside the class folders" in capsys.readouterr().err
    assert run([*fit, "--groups", "folder", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["notes"] == []


def test_one_class_comes_with_the_level_below(tmp_path: Path, capsys) -> None:
    for name in ("all/cat/1.jpg", "all/dog/2.jpg"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(b"x")
    assert run(["fit", str(tmp_path / "in"), "--out", str(tmp_path / "m.topwork")]) == 2
    assert f"give that folder itself: {tmp_path / 'in' / 'all'}" in capsys.readouterr().err


def test_every_format_that_is_read_is_named(model, tmp_path: Path, capsys) -> None:
    (tmp_path / "x.jpg").write_bytes(b"no picture")
    assert run(["predict", str(model), str(tmp_path / "x.jpg")]) == 2
    said = capsys.readouterr().err
    assert all(name in said for name in FORMATS)
