"""Objects in a video: followed, counted, told of and drawn."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.deployment.live.videos import COLOURS, Pixels, write_video
from topwork.cli.app import run
from topwork.deployment.live.live_recognition import watch
from topwork.errors import ParameterError
from topwork.metrics.detection.detections import Detections
from topwork.settings.watch import WatchSettings, lines_of, zones_of


class SquareFinder:
    """Finds one square of each colour; surer of large ones."""

    labels = tuple(COLOURS)

    def recognise(self, image: Pixels) -> Detections:
        corners, classes, scores = [], [], []
        for code, colour in enumerate(COLOURS.values()):
            y, x = np.nonzero((np.abs(image.astype(int) - colour) < 40).all(axis=-1))
            if len(x) < 30:
                continue
            corners.append((x.min(), y.min(), x.max() + 1, y.max() + 1))
            classes.append(code)
            scores.append(0.9)
        return Detections.of(corners, classes, scores)


def _squares(n: int, *, height: int = 96, width: int = 160) -> list[Pixels]:
    """A red one goes right and a blue one left, through the middle; a green one stays."""
    images = []
    for i in range(n):
        image = np.zeros((height, width, 3), np.uint8)
        for colour, x, y in (("red", 4 + 3 * i, 8), ("blue", 130 - 3 * i, 40), ("green", 20, 70)):
            if 0 <= x < width - 16:
                image[y : y + 16, x : x + 16] = COLOURS[colour]
        images.append(image)
    return images


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_video(tmp_path / "v.mp4", _squares(45))


def test_they_are_followed_and_counted(video: Path, tmp_path: Path) -> None:
    events = tmp_path / "e.jsonl"
    zone = ((0.0, 60.0), (60.0, 60.0), (60.0, 96.0), (0.0, 96.0))
    live = watch(
        SquareFinder(), video, count=[(80, 0, 80, 96), (0, 0, 160, 0)], zone=[zone], events=events
    )
    tracks = [{str(one.label): one.track for one in frame.objects} for frame in live]
    assert tracks[0] == tracks[30] == {"red": 1, "green": 2, "blue": 3}
    result = live.result()
    assert (result.task, result.tracks) == ("boxes", 3)
    first, second = result.counts
    assert (first.left_to_right, first.right_to_left) == (1, 1)
    assert (second.left_to_right, second.right_to_left) == (0, 0)
    assert (result.zones[0].inside, result.zones[0].entered) == (1, 1)
    lines = [json.loads(line) for line in events.read_text().splitlines()]
    crossed = {(e["label"], e["direction"]) for e in lines if e["event"] == "crossed"}
    assert crossed == {("red", "right_to_left"), ("blue", "left_to_right")}
    assert [e["label"] for e in lines if e["event"] == "appeared"] == ["red", "green", "blue"]
    assert [e["n"] for e in lines if e["event"] == "zone"] == [1]


def test_who_leaves_is_told_of(tmp_path: Path) -> None:
    images = _squares(90)  # red and blue are out of sight long before the end
    events = tmp_path / "e.jsonl"
    live = watch(SquareFinder(), write_video(tmp_path / "v.mp4", images), track=True, events=events)
    assert len(list(live)) == 90
    lines = [json.loads(line) for line in events.read_text().splitlines()]
    left = {e["label"]: e["seconds"] for e in lines if e["event"] == "left"}
    assert set(left) == {"red", "blue"}
    assert all(2 < seconds < 4 for seconds in left.values())


def test_they_are_drawn(video: Path, tmp_path: Path) -> None:
    import av

    out = tmp_path / "out.mp4"
    list(watch(SquareFinder(), video, track=True, out=out))
    with av.open(str(out)) as container:
        shown = next(container.decode(video=0)).to_ndarray(format="rgb24")
    y, x = 70 + 8, 20  # the left side of the green square
    assert np.abs(shown[y, x - 1 : x + 3].astype(int) - shown[y, 30]).max() > 60


def test_without_tracking_they_are_only_found(video: Path) -> None:
    live = watch(SquareFinder(), video)
    frames = list(live)
    assert {len(frame.objects) for frame in frames[:30]} == {3}
    assert frames[0].label is None
    assert frames[0].objects[0].track is None
    assert frames[0].probability == pytest.approx(0.9)
    assert live.result().tracks == 0


def test_images_of_a_folder(tmp_path: Path) -> None:
    folder, events = tmp_path / "in", tmp_path / "e.jsonl"
    folder.mkdir()
    Image.fromarray(_squares(1)[0]).save(folder / "a.png")
    list(watch(SquareFinder(), folder, seconds=2.3, events=events, track=True))
    (file,) = [e for e in map(json.loads, events.read_text().splitlines()) if e["event"] == "file"]
    assert {
        box["label"]: (box["x1"], box["y1"], box["x2"], box["y2"]) for box in file["boxes"]
    } == {
        "red": (4, 8, 20, 24),
        "blue": (130, 40, 146, 56),
        "green": (20, 70, 36, 86),
    }


def test_lines_and_zones_on_the_command_line() -> None:
    assert lines_of(["1,2,3.5,4", "0,0,1,1"]) == ((1, 2, 3.5, 4), (0, 0, 1, 1))
    assert zones_of(["0,0,9,0,9,9"]) == (((0, 0), (9, 0), (9, 9)),)
    assert lines_of(None) == zones_of(None) == ()


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1,2,nan,4"])
def test_what_is_no_line(text: str) -> None:
    with pytest.raises(ParameterError, match="--count"):
        lines_of([text])


@pytest.mark.parametrize("text", ["1,2,3,4", "1,2,3,4,5,6,7", "x"])
def test_what_is_no_zone(text: str) -> None:
    with pytest.raises(ParameterError, match="--zone"):
        zones_of([text])


def test_a_line_has_two_ends() -> None:
    with pytest.raises(ParameterError, match="Both points"):
        WatchSettings(count=((5, 5, 5, 5),))


def test_a_model_of_classes_counts_nothing(watched_model: Path, video: Path, capsys) -> None:
    arguments = ["watch", str(watched_model), str(video), "--count", "0,0,9,9", "--json"]
    assert run(arguments) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "other_task"
