"""The command ``watch``: its JSON object, its events, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from tests.conftest import draw
from tests.deployment.live.videos import write_video
from topwork.cli.app import run


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    """A second of stripes, then a second of noise."""
    rng = np.random.default_rng(0)
    images = [np.asarray(draw("stripes", rng, side=64)) for _ in range(25)]
    images += [np.asarray(draw("noise", rng, side=64)) for _ in range(25)]
    return write_video(tmp_path_factory.mktemp("video") / "v.mp4", images)


def test_the_json_object(watched_model: Path, video: Path, capsys) -> None:
    assert run(["watch", str(watched_model), str(video), "--json"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    said = json.loads(out)
    assert (said["task"], said["modality"]) == ("classes", "image")
    assert said["frames"] == {
        "received": 50, "answered": 50, "dropped": 0, "undecodable": 0,
        "still": said["frames"]["still"],
    }  # fmt: skip
    latency = said["latency_ms"]
    assert 0 < latency["p50"] <= latency["p95"] <= latency["p99"] <= 1.02 * latency["max"]
    assert set(said["stages"]) == {"decode", "prepare", "infer", "after", "write"}
    assert said["reconnects"] == 0
    assert not said["interrupted"]


def test_events(watched_model: Path, video: Path, tmp_path: Path, capsys) -> None:
    file = tmp_path / "events.jsonl"
    arguments = ["watch", str(watched_model), str(video), "--events", str(file), "--smooth", "0"]
    assert run(arguments) == 0
    shown = capsys.readouterr().out
    assert "50 frames predicted" in shown
    assert str(file) in shown
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert lines[0]["event"] == "start"
    assert lines[0]["source"] == str(video)
    labels = [line for line in lines if line["event"] == "label"]
    assert labels
    assert labels[0]["time_s"] == 0.0
    assert all(line["wall_time"].endswith("+00:00") for line in lines)
    assert run(arguments) == 0  # a second run appends
    assert len(file.read_text().splitlines()) == 2 * len(lines)


def test_other_files_are_left_as_they_are(
    watched_model: Path, video: Path, tmp_path: Path, capsys
) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("dear diary\n")
    assert run(["watch", str(watched_model), str(video), "--events", str(file), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "would_overwrite"
    assert file.read_text() == "dear diary\n"


@pytest.mark.parametrize(
    ("source", "code"),
    [("no such.mp4", "no_source"), ("ftp://host/x", "no_source"), (__file__, "no_video")],
)
def test_what_cannot_be_watched(watched_model: Path, source: str, code: str, capsys) -> None:
    assert run(["watch", str(watched_model), source, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code


def test_a_model_of_texts_is_refused(tmp_path: Path, video: Path, capsys) -> None:
    texts = [f"a {word} film number {i}" for i in range(10) for word in ("good", "bad")]
    fitted = tw.TextClassifier(baselines=False).fit(texts, ["good", "bad"] * 10)
    model = fitted.save(tmp_path / "t.topwork")
    assert run(["watch", str(model), str(video), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "other_modality"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_still_says_what_it_saw(
    watched_model: Path, tmp_path: Path, number: int
) -> None:
    events = tmp_path / "e.jsonl"
    source = "lavfi:testsrc2=size=160x120:rate=25"
    command = [sys.executable, "-m", "topwork", "watch", str(watched_model), source, "--as-live"]
    with subprocess.Popen(
        [*command, "--json", "--events", str(events)], stdout=subprocess.PIPE, text=True
    ) as process:
        _wait_for(lambda: events.exists() and '"label"' in events.read_text())
        os.kill(process.pid, number)
        out, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    said = json.loads(out)
    assert said["interrupted"]
    assert said["frames"]["received"] == said["frames"]["answered"] + said["frames"]["dropped"]


def _wait_for(condition, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)
