"""A fitted detector, used live."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from benchmarks.composites import scenes
from tests.deployment.live.videos import write_video
from topwork.cli.app import run
from topwork.deployment.live.recognition.box_recogniser import MIN_PROBABILITY


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    images = [np.asarray(one.image)[:192, :192] for one in scenes(8, seed=3)]
    return write_video(tmp_path_factory.mktemp("video") / "v.mp4", images)


def test_objects_are_those_that_predict_finds(detector: Path, video: Path) -> None:
    model = tw.load(detector)
    frames = list(tw.watch(model, video))
    assert len(frames) == 8
    assert sum(len(one.objects) for one in frames) > 0
    for one in frames:
        (alone,) = model.predictions([one.frame.image]).detections
        assert [o.probability for o in one.objects] == alone.scores.tolist()
        assert [o.corners for o in one.objects] == [tuple(c) for c in alone.corners.tolist()]
        assert [o.label for o in one.objects] == [model.labels[c] for c in alone.classes]
        assert (one.result.scores >= min(MIN_PROBABILITY, model.card.threshold)).all()


def test_the_command_follows_them(detector: Path, video: Path, tmp_path: Path, capsys) -> None:
    out, events = tmp_path / "out.mp4", tmp_path / "e.jsonl"
    arguments = ["watch", str(detector), str(video), "--track", "--count", "96,0,96,192"]
    assert run([*arguments, "--out", str(out), "--events", str(events), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["task"] == "boxes"
    assert said["frames"]["answered"] == 8
    assert said["counts"][0]["line"] == [96, 0, 96, 192]
    assert out.stat().st_size > 500
    assert run(arguments) == 0
    assert "Line 96,0,96,192" in capsys.readouterr().out
