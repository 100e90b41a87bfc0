"""A folder that images come into."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import topwork as tw
from tests.conftest import draw
from tests.deployment.live.videos import ColourRecogniser, plain
from topwork.deployment.live.frame import Frame, UnreadableFile
from topwork.deployment.live.live_recognition import watch
from topwork.deployment.live.sources import opening
from topwork.deployment.live.sources.growing_folder import GrowingFolder, whole_image

POLL_S = 0.1


@pytest.fixture(autouse=True)
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "POLL_S", POLL_S)


def _save(image: np.ndarray, file: Path) -> Path:
    Image.fromarray(image).save(file)
    return file


def _collect(source: GrowingFolder, seconds: float) -> list[Frame | UnreadableFile]:
    until, found = time.monotonic() + seconds, []
    for delivery in source.frames():
        if delivery is not None:
            found.append(delivery)
        if time.monotonic() > until:
            break
    return found


def test_files_come_once_and_the_oldest_first(tmp_path: Path) -> None:
    _save(plain("red"), tmp_path / "b.png")
    time.sleep(0.02)
    _save(plain("blue"), tmp_path / "a.png")
    (tmp_path / "copy of b.png").write_bytes((tmp_path / "b.png").read_bytes())
    (tmp_path / ".hidden.png").write_bytes((tmp_path / "b.png").read_bytes())
    (tmp_path / "notes.txt").write_text("no image")
    source = GrowingFolder(tmp_path, poll_s=POLL_S)
    later = threading.Timer(0.5, lambda: _save(plain("green"), tmp_path / "c.png"))
    later.start()
    found = _collect(source, 1.2)
    later.join()
    assert [Path(one.path).name for one in found] == ["b.png", "a.png", "c.png"]
    assert source.counts.received == 3


def test_a_file_that_is_being_written_is_waited_for(tmp_path: Path) -> None:
    whole = tmp_path.with_name("whole.png")
    rng = np.random.default_rng(0)
    _save(rng.integers(0, 256, (200, 200, 3)).astype(np.uint8), whole)
    data = whole.read_bytes()
    file = tmp_path / "half.png"

    def write() -> None:
        with file.open("wb") as stream:
            for start in range(0, len(data), len(data) // 12):
                stream.write(data[start : start + len(data) // 12])
                stream.flush()
                time.sleep(0.05)

    writing = threading.Thread(target=write)
    writing.start()
    found = _collect(GrowingFolder(tmp_path, poll_s=POLL_S), 1.5)
    writing.join()
    (one,) = found
    assert isinstance(one, Frame)
    assert np.array_equal(one.image, np.asarray(Image.open(whole)))


def test_a_file_whose_writer_paused_is_read_again_when_it_is_whole(tmp_path: Path) -> None:
    whole = tmp_path.with_name("whole.jpg")
    _save(np.random.default_rng(0).integers(0, 256, (99, 99, 3)).astype(np.uint8), whole)
    file = tmp_path / "x.jpg"
    file.write_bytes(whole.read_bytes()[:3000])
    later = threading.Timer(0.6, lambda: file.write_bytes(whole.read_bytes()))
    later.start()
    source = GrowingFolder(tmp_path, poll_s=POLL_S)
    half, one = _collect(source, 1.3)
    later.join()
    assert isinstance(half, UnreadableFile)
    assert half.reason == "truncated"
    assert isinstance(one, Frame)
    assert source.counts.undecodable == 1


def test_images_are_predicted_as_predict_does(watched_model: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for i, kind in enumerate(("discs", "noise", "stripes") * 2):
        draw(kind, rng, side=300).save(tmp_path / f"{i}.jpg", quality=90)
    model = tw.load(watched_model)
    seen = list(tw.watch(model, tmp_path, seconds=0.6))
    assert len(seen) == 6
    expected = dict(
        zip(sorted(map(str, tmp_path.iterdir())), model.predict_proba(tmp_path), strict=True)
    )
    for one in seen:
        assert np.abs(one.result.probabilities - expected[one.frame.path]).max() < 1e-5
        assert one.smoothed is None


def test_a_restart_repeats_nothing(tmp_path: Path) -> None:
    folder, events = tmp_path / "in", tmp_path / "e.jsonl"
    folder.mkdir()
    _save(plain("red"), folder / "a.png")
    (folder / "bad.png").write_bytes(b"no image")
    first = watch(ColourRecogniser(), folder, seconds=0.5, events=events)
    assert [one.label for one in first] == ["red"]
    _save(plain("blue"), folder / "b.png")
    (folder / "a.png").rename(folder / "c.png")
    second = watch(ColourRecogniser(), folder, seconds=0.5, events=events)
    assert [one.label for one in second] == ["blue"]
    lines = [json.loads(line) for line in events.read_text().splitlines()]
    assert [line["label"] for line in lines if line["event"] == "file"] == ["red", "blue"]
    assert {line["reason"] for line in lines if line["event"] == "rejected"}


def test_a_whole_image_is_upright(tmp_path: Path) -> None:
    image = np.zeros((40, 60, 3), np.uint8)
    image[:, :20] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by 90° clockwise
    file = tmp_path / "t.jpg"
    Image.fromarray(image).save(file, exif=exif, quality=95)
    shown = whole_image(file.read_bytes())
    assert shown.shape == (60, 40, 3)
    assert shown[:16].min() > 220
