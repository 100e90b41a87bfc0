"""What ``check`` counts, and how sure it says it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from tests.quality.conftest import COPIES
from topwork.cli.app import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pieces of a photograph in two classes, one black and tiny, one twice, one encoded again."""
    whole = Image.fromarray(skimage.data.astronaut())
    for i in range(12):
        x, y = 128 * (i % 4), 128 * (i // 4)
        path = tmp_path / "data" / "ab"[i % 2] / f"{i:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        whole.crop((x, y, x + 128, y + 128)).save(path)
    data = tmp_path / "data"
    shutil.copy(data / "a" / "00.png", data / "a" / "zero.png")
    COPIES["encoded at quality 60"](Image.open(data / "b" / "01.png")).save(data / "b" / "one.png")
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(data / "a" / "black.png")
    return data


def test_an_odd_image_counts_once_and_groups_say_how_sure_they_are(
    folder: Path, session_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(folder)]) == 0
    said = capsys.readouterr().out
    odd = next(line for line in said.splitlines() if line.strip().startswith("odd images"))
    assert odd.split()[2] == "1"
    assert "black.png (blank, dark, tiny" in odd
    assert "zero.png (same content)" in said
    assert "one.png (nearly the same, similarity 0.9" in said
