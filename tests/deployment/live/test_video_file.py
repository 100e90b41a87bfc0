"""Video files: every frame once, with its own time, upright, predicted as ``predict`` does."""

from __future__ import annotations

import gc
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

import topwork as tw
from tests.conftest import draw
from tests.deployment.live.videos import (
    ColourRecogniser,
    moving,
    plain,
    turn_clockwise,
    write_video,
)
from topwork.data import limits
from topwork.deployment.live.live_recognition import LiveRecognition, watch
from topwork.errors import DataError


def _balanced(live: LiveRecognition) -> None:
    frames = live.result().frames
    assert frames.received == frames.answered + frames.dropped


def test_every_frame_comes_once_and_in_order(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", moving(60))
    live = watch(ColourRecogniser(), video)
    seen = list(live)
    assert [one.time_s for one in seen] == pytest.approx([i / 25 for i in range(60)])
    frames = live.result().frames
    assert (frames.received, frames.answered, frames.dropped) == (60, 60, 0)
    for one, image in zip(seen, moving(60), strict=True):
        error = np.abs(one.frame.image.astype(int) - image).mean()
        assert error < 12


def test_frames_are_predicted_as_predict_does(tmp_path: Path, watched_model: Path) -> None:
    rng = np.random.default_rng(0)
    kinds = ("discs", "noise", "stripes")
    images = [np.asarray(draw(kinds[i // 4 % 3], rng, side=64)) for i in range(24)]
    model = tw.load(watched_model)
    video = write_video(tmp_path / "v.mp4", images)
    seen = list(tw.watch(model, video, smooth=0.0))
    assert len(seen) == 24
    assert not any(one.still for one in seen)
    single = [model.predictions([one.frame.image]) for one in seen]
    for one, alone in zip(seen, single, strict=True):
        assert np.array_equal(one.result.probabilities, alone.probabilities[0])
        assert one.result.unknown == alone.unknown[0]
        assert one.label == (None if alone.unknown[0] else model.labels[alone.codes[0]])
    together = model.predict_proba([one.frame.image for one in seen])
    assert np.abs(together - [one.result.probabilities for one in seen]).max() < 1e-5
    assert len({one.label for one in seen}) > 1


def test_a_variable_rate_is_kept(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.15, 0.5, 0.52, 0.56, 2.0, 2.01]
    video = write_video(tmp_path / "v.mkv", moving(8), times=times)
    seen = list(watch(ColourRecogniser(), video))
    assert [one.time_s for one in seen] == pytest.approx(times, abs=1e-3)


def test_a_phone_held_upright(tmp_path: Path) -> None:
    image = np.zeros((48, 64, 3), np.uint8)
    image[:, :32] = 255  # left; turned clockwise it is on top
    video = turn_clockwise(write_video(tmp_path / "v.mp4", [image] * 3))
    shown = next(iter(watch(ColourRecogniser(), video))).frame.image
    assert shown.shape == (64, 48, 3)
    assert shown[:28].min() > 200
    assert shown[36:].max() < 60


def test_an_unchanged_scene_is_marked(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", [plain("red")] * 10 + [plain("blue")] * 10)
    live = watch(ColourRecogniser(), video)
    still = [one.still for one in live]
    assert still.count(False) == 2
    assert live.result().frames.still == 18


def test_one_wrong_frame_is_no_event(tmp_path: Path) -> None:
    images = [plain("red")] * 25 + [plain("green")] + [plain("red")] * 25 + [plain("blue")] * 30
    video = write_video(tmp_path / "v.mp4", images)
    live = watch(ColourRecogniser(), video, smooth=0.4)
    shown = [one.label for one in live]
    assert set(shown) == {"red", "blue"}
    change = shown.index("blue")
    assert 51 <= change <= 51 + 0.4 * 25 + 1
    (red, blue) = live.result().shown
    assert (red.label, red.times, blue.label, blue.times) == ("red", 1, "blue", 1)


def test_played_by_its_clock_it_takes_its_time(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", moving(25))
    live = watch(ColourRecogniser(), video, as_live=True)
    begun = time.monotonic()
    seen = list(live)
    assert 0.9 < time.monotonic() - begun < 3
    assert len(seen) >= 20
    _balanced(live)


class _Slow(ColourRecogniser):
    def recognise(self, image):
        time.sleep(0.12)  # a third of 25 frames a second
        return super().recognise(image)


def test_the_newest_frame_wins_where_there_is_no_time(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mp4", moving(50))
    live = watch(_Slow(), video, as_live=True)
    latencies = [one.latency_s for one in live]
    frames = live.result().frames
    assert frames.received == 50
    assert frames.dropped > 20
    _balanced(live)
    assert max(latencies) < 0.12 + 2 * 0.04 + 0.15  # it never queues up
    slope = np.polyfit(np.arange(len(latencies)), latencies, 1)[0]
    assert abs(slope) * len(latencies) < 0.1


def test_stopping_early_leaves_no_thread_and_counts_all(tmp_path: Path) -> None:
    import threading

    video = write_video(tmp_path / "v.mp4", moving(200))
    live = watch(ColourRecogniser(), video)
    for i, _ in enumerate(live):
        if i == 10:
            live.stop()
    _balanced(live)
    assert live.result().frames.answered == 11
    assert live.result().interrupted
    assert not [t for t in threading.enumerate() if t.name == "topwork-video"]


def test_breaking_out_closes_it(tmp_path: Path) -> None:
    import threading

    live = watch(ColourRecogniser(), write_video(tmp_path / "v.mp4", moving(50)))
    for _ in live:
        break
    gc.collect()
    assert not [t for t in threading.enumerate() if t.name == "topwork-video"]
    _balanced(live)


def test_a_recogniser_that_fails_closes_it(tmp_path: Path) -> None:
    class Failing(ColourRecogniser):
        def recognise(self, image):
            raise RuntimeError("It broke.")

    live = watch(Failing(), write_video(tmp_path / "v.mp4", moving(50)))
    with pytest.raises(RuntimeError, match="It broke"):
        list(live)
    _balanced(live)


def test_damaged_data_are_counted_and_left_out(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.avi", moving(60), codec="mjpeg")
    data = bytearray(video.read_bytes())
    start = data.index(b"movi")
    for at in range(start + 3000, len(data) - 3000, 9000):
        data[at : at + 700] = bytes(700)
    video.write_bytes(data)
    live = watch(ColourRecogniser(), video)
    assert len(list(live)) > 20
    _balanced(live)


def test_a_file_that_was_cut_off_gives_what_it_has(tmp_path: Path) -> None:
    video = write_video(tmp_path / "v.mkv", moving(60))
    video.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
    assert 10 < len(list(watch(ColourRecogniser(), video))) < 60


@pytest.mark.parametrize("data", [b"", b"no video at all" * 100, bytes(5000)])
def test_what_is_no_video_says_so(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "v.mp4"
    file.write_bytes(data)
    with pytest.raises(DataError, match="cannot be read as a video"):
        list(watch(ColourRecogniser(), file))


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    import wave

    file = tmp_path / "v.wav"
    with wave.open(str(file), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(8000))
    with pytest.raises(DataError, match="no video in it"):
        list(watch(ColourRecogniser(), file))


def test_memory_does_not_grow() -> None:
    live = watch(ColourRecogniser(), "lavfi:testsrc2=size=160x120:rate=50:duration=36")
    own, sizes = psutil.Process(), []
    for i, _ in enumerate(live):
        if i % 300 == 299:
            sizes.append(own.memory_info().rss)
    assert len(sizes) == 6
    assert max(sizes[1:]) - sizes[1] < 8e6


def test_images_with_too_many_pixels_are_left_out(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(limits, "MAX_PIXELS", 50 * 64)
    small, large = moving(3), moving(3, height=64, width=96)
    assert len(list(watch(ColourRecogniser(), write_video(tmp_path / "s.mp4", small)))) == 3
    with pytest.raises(DataError, match="cannot be read as a video"):
        list(watch(ColourRecogniser(), write_video(tmp_path / "l.mp4", large)))
