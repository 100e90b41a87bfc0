"""Cameras that are asked to play: what they are asked, what comes, and how they fail."""

from __future__ import annotations

import json
import threading
import time

import numpy as np
import pytest

from tests.deployment.live.rtsp import PASSWORD, rtsp_camera
from tests.deployment.live.test_live_stream import _balanced, _open, _until
from tests.deployment.live.videos import moving, plain
from topwork.errors import DataError

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.mark.parametrize("locked", [False, True])
def test_a_camera_is_asked_to_play(locked: bool) -> None:
    with rtsp_camera(images=[plain("green")] * 10 + [plain("blue")] * 10, locked=locked) as source:
        live, notes = _open(source.url)
        found = _until(live, lambda n: n >= 30)
        asked = source.asked
    wanted = ["DESCRIBE", "SETUP", "PLAY"]
    assert [method for method in dict.fromkeys(asked) if method in wanted] == wanted
    assert asked.count("DESCRIBE") == (2 if locked else 1)
    assert {one.labels[one.result.code] for one in found} == {"green", "blue"}
    steps = np.diff([one.time_s for one in found])
    assert (steps > 0).all()
    assert np.median(steps) == pytest.approx(0.04, abs=0.002)
    assert notes.kinds() == []
    assert PASSWORD not in json.dumps(live.result().model_dump(mode="json"))
    _balanced(live)


def test_large_images_come_in_fragments() -> None:
    grey = [np.random.default_rng(i).integers(0, 255, (240, 320, 1), np.uint8) for i in range(5)]
    noise = [np.repeat(one, 3, axis=2) for one in grey]
    with rtsp_camera(images=noise) as source:
        live, _ = _open(source.url)
        found = _until(live, lambda n: n >= 5)
    assert found[0].frame.image.shape == (240, 320, 3)
    assert live.result().frames.undecodable == 0
    assert max(len(unit) for image in source.units for unit in image) > 1400
    for one in found:
        gaps = sorted(np.abs(one.frame.image.astype(int) - image).mean() for image in noise)
        assert gaps[0] < 30 < 60 < gaps[1]


def test_it_is_found_again_and_asked_again() -> None:
    with rtsp_camera(images=moving(25)) as source:
        live, notes = _open(source.url, seconds=30)
        back: list[float] = []

        def fail() -> None:
            while source.asked.count("PLAY") < 1:
                time.sleep(0.05)
            time.sleep(0.6)
            source.die()
            time.sleep(0.6)
            source.start()
            back.append(time.monotonic())

        failing = threading.Thread(target=fail)
        failing.start()
        _until(live, lambda n: source.asked.count("PLAY") > 1 and "signal" in notes.kinds())
        failing.join()
    assert notes.kinds() == ["no_signal", "signal"]
    again = [at for at, event in notes.signals if event.event == "signal"]
    assert 0 < again[0] - back[0] < 3
    assert live.result().reconnects == 1
    _balanced(live)


def test_a_wrong_password_ends_it() -> None:
    with rtsp_camera(locked=True) as source:
        live, _ = _open(source.url.replace(PASSWORD, "wrong"))
        with pytest.raises(DataError, match="cannot be watched") as refused:
            list(live)
    assert "wrong" not in str(refused.value)
