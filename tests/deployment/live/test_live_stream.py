"""Live sources: real connections, and every way in which they fail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.deployment.live.servers import camera, free_port, publish
from tests.deployment.live.videos import ColourRecogniser, moving, plain
from topwork.deployment.live.events import Event, SignalEvent
from topwork.deployment.live.live_recognition import LiveRecognition, watch
from topwork.deployment.live.recognised_frame import RecognisedFrame
from topwork.deployment.live.sources import shared_frames
from topwork.deployment.live.sources.live_stream import LiveStream
from topwork.deployment.live.sources.shared_frames import FrameReader, FrameWriter
from topwork.errors import DataError

pytestmark = pytest.mark.usefixtures("socket_enabled")


class Notes:
    """Keeps events, and when they came."""

    def __init__(self) -> None:
        self.signals: list[tuple[float, SignalEvent]] = []

    def event(self, event: Event) -> None:
        if isinstance(event, SignalEvent):
            self.signals.append((time.monotonic(), event))

    def frame(self, recognised: RecognisedFrame) -> None:
        pass

    def close(self) -> None:
        pass

    def kinds(self) -> list[str]:
        return [event.event for _, event in self.signals]


def _until(live: LiveRecognition, done: Callable[[int], bool]) -> list[RecognisedFrame]:
    """Frames until enough have come, or much too much time has gone."""
    found: list[RecognisedFrame] = []
    for one in live:
        found.append(one)
        if done(len(found)):
            live.stop()
    return found


def _balanced(live: LiveRecognition) -> None:
    frames = live.result().frames
    assert frames.received == frames.answered + frames.dropped


def _reader(live: LiveRecognition) -> psutil.Process:
    assert isinstance(live.source, LiveStream)
    assert live.source.reader is not None
    return psutil.Process(live.source.reader.pid)


def _open(url: str, *, seconds: float = 20.0, stall: float = 10.0) -> tuple[LiveRecognition, Notes]:
    notes = Notes()
    live = watch(ColourRecogniser(), url, seconds=seconds, stall=stall, writers=(notes,))
    return live, notes


def test_a_camera_over_http() -> None:
    with camera(images=[plain("green"), plain("blue")]) as source:
        live, notes = _open(source.url)
        found = _until(live, lambda n: n >= 25)
    assert len(found) == 25
    assert {one.labels[one.result.code] for one in found} == {"green", "blue"}
    assert "secret" not in live.result().model_dump_json()
    assert notes.kinds() == []
    assert max(one.latency_s for one in found) < 1.0
    times = [one.time_s for one in found]
    assert times == sorted(times)
    assert 0.7 < times[-1] - times[0] < 3
    _balanced(live)


@pytest.mark.parametrize("kind", ["rtsp", "mpegts"])
def test_a_sender_that_connects_to_us(kind: str) -> None:
    port = free_port()
    url = {
        "rtsp": f"rtsp://127.0.0.1:{port}/live",
        "mpegts": f"tcp://127.0.0.1:{port}",
    }[kind]
    live, _ = _open(url + ("?listen" if kind == "rtsp" else "?listen=1"))
    over = threading.Event()
    sending = threading.Thread(target=_publish_when_heard, args=(url, kind, over))
    sending.start()
    found = _until(live, lambda n: n >= 20)
    over.set()
    sending.join(10)
    assert len(found) == 20
    steps = np.diff([one.time_s for one in found])
    assert (steps > 0).all()
    assert np.median(steps) == pytest.approx(0.04, abs=0.002)
    _balanced(live)


def _publish_when_heard(url: str, kind: str, over: threading.Event) -> None:
    from av.error import FFmpegError

    while not over.wait(0.1):
        with suppress(FFmpegError, OSError):  # nobody listens yet
            publish(url, 75, format=kind)


def test_a_camera_that_dies_is_found_again() -> None:
    with camera() as source:
        live, notes = _open(source.url, seconds=30)
        back: list[float] = []

        def fail() -> None:
            time.sleep(0.5)
            source.die()
            time.sleep(0.6)
            source.start()
            back.append(time.monotonic())
            time.sleep(1.4)
            live.stop()

        failing = threading.Thread(target=fail)
        failing.start()
        found = list(live)
        failing.join()
    assert live.result().reconnects == 1
    assert notes.kinds() == ["no_signal", "signal"]
    again = [at for at, event in notes.signals if event.event == "signal"]
    assert all(0 < here - there < 3 for here, there in zip(again, back, strict=True))
    times = [one.time_s for one in found]
    assert times == sorted(times)
    assert times[-1] > 1.5
    _balanced(live)


def test_a_camera_that_stalls_is_noticed() -> None:
    with camera() as source:
        live, notes = _open(source.url, stall=1.0)
        threading.Timer(0.9, source.stalled.set).start()
        threading.Timer(2.4, source.stalled.clear).start()
        _until(live, lambda _: "signal" in notes.kinds())
    assert notes.kinds() == ["no_signal", "signal"]
    event = notes.signals[1][1]
    assert event.after_s < 4
    assert live.result().reconnects == 1
    _balanced(live)


def test_rubbish_does_not_end_it() -> None:
    with camera() as source:
        live, _ = _open(source.url)
        threading.Timer(0.8, source.rubbish.set).start()
        threading.Timer(1.3, source.rubbish.clear).start()
        threading.Timer(3.2, live.stop).start()
        found = list(live)
    result = live.result()
    assert result.frames.undecodable > 0 or result.reconnects > 0
    assert found[-1].time_s > 1.5
    _balanced(live)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_reader_that_crashes_or_hangs_is_replaced(number: int) -> None:
    with camera() as source:
        live, notes = _open(source.url, stall=1.0)
        struck: list[psutil.Process] = []

        def done(n: int) -> bool:
            if n == 10:
                struck.append(_reader(live))
                os.kill(struck[0].pid, number)
            return bool(struck) and n > 30 and _reader(live).pid != struck[0].pid

        found = _until(live, done)
    assert len(found) > 30
    assert notes.kinds() == ["no_signal", "signal"]
    assert not struck[0].is_running()
    _balanced(live)


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(shared_frames, "_MEMORY", tmp_path)
    with camera() as source:
        live, _ = _open(source.url)
        readers: list[psutil.Process] = []
        _until(live, lambda n: bool(readers.append(_reader(live)) or n >= 3))
    assert not readers[0].is_running()
    assert not list(tmp_path.iterdir())


def test_the_reader_ends_with_a_process_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys; from tests.deployment.live.videos import ColourRecogniser; "
        "import topwork as tw\n"
        "from pathlib import Path; from topwork.deployment.live.sources import shared_frames\n"
        "shared_frames._MEMORY = Path(sys.argv[2])\n"
        "live = tw.watch(ColourRecogniser(), sys.argv[1])\n"
        "for one in live: print(live.source.reader.pid, flush=True)"
    )
    with camera() as source:
        with subprocess.Popen(
            [sys.executable, "-c", code, source.url, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            reader = psutil.Process(int(process.stdout.readline()))
            process.kill()
        reader.wait(10)
    assert not list(tmp_path.iterdir())


def test_the_size_may_change() -> None:
    with camera() as source:
        live, _ = _open(source.url)

        def change() -> None:
            time.sleep(1.0)
            source.die()
            source.images = moving(20, height=120, width=160)
            source.start()

        threading.Thread(target=change).start()
        sizes: list[tuple[int, ...]] = []
        for one in live:
            sizes.append(one.frame.image.shape)
            if sizes[-1] == (120, 160, 3):
                live.stop()
    assert sizes[0] == (48, 64, 3)
    assert sizes[-1] == (120, 160, 3)


@pytest.mark.parametrize("status", [401, 404])
def test_an_address_that_is_refused_ends_it(status: int) -> None:
    with camera(status=status) as source:
        live, _ = _open(source.url)
        with pytest.raises(DataError, match="cannot be watched") as refused:
            list(live)
    assert "secret" not in str(refused.value)


def test_a_camera_that_is_not_there_yet_is_waited_for() -> None:
    port = free_port()
    live, notes = _open(f"http://127.0.0.1:{port}/video", seconds=10)
    with_camera = threading.Timer(0.8, lambda: cameras.append(_late(port)))
    cameras: list = []
    with_camera.start()
    found = _until(live, lambda n: n >= 5)
    for one in cameras:
        one.die()
    assert len(found) == 5
    assert notes.kinds() == ["no_signal", "signal"]
    assert live.result().reconnects == 0


def _late(port: int):
    from tests.deployment.live.servers import Camera

    made = Camera(port=port)
    made.start()
    return made


def test_a_slow_recogniser_gets_the_newest_frame() -> None:
    class Slow(ColourRecogniser):
        def recognise(self, image):
            time.sleep(0.1)
            return super().recognise(image)

    with camera(rate=40) as source:
        live = watch(Slow(), source.url, seconds=2.5)
        latencies = [one.latency_s for one in live]
    frames = live.result().frames
    assert frames.dropped > frames.answered
    _balanced(live)
    assert np.quantile(latencies[3:], 0.95) < 0.1 + 2 / 40 + 0.1


def test_no_frame_is_ever_half_another(tmp_path: Path, monkeypatch) -> None:
    """A writer goes round three slots as fast as it can, a reader copies what it is told of."""
    writer, reader = FrameWriter(tmp_path), FrameReader(tmp_path)
    tickets, over = [writer.write(np.zeros((200, 300, 3), np.uint8))], threading.Event()

    def write() -> None:
        level = 0
        while not over.is_set():
            level = (level + 1) % 256
            tickets.append(writer.write(np.full((200, 300, 3), level, np.uint8)))

    writing = threading.Thread(target=write)
    writing.start()
    whole = 0
    until = time.monotonic() + 1
    while time.monotonic() < until:
        image = reader.read(tickets[-1])
        if image is not None:
            assert image.min() == image.max()
            whole += 1
    over.set()
    writing.join()
    assert whole > 50
    assert reader.read(tickets[0]) is None


def test_a_full_memory_is_an_error_and_no_crash(tmp_path: Path, monkeypatch) -> None:
    def full(handle: int, start: int, size: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shared_frames.os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space"):
        FrameWriter(tmp_path).write(np.zeros((10, 10, 3), np.uint8))


def test_a_camera_that_is_not_there_ends_it() -> None:
    live, _ = _open("camera:97")
    with pytest.raises(DataError, match="cannot be watched") as refused:
        list(live)
    assert "connected" in refused.value.remedy
