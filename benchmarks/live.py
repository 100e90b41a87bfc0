"""Live recognition: latency, dropped frames, memory, and how soon a source is found again.

`python -m benchmarks.live`
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil
from PIL import Image

from benchmarks.caches import own_cache
from benchmarks.images import PHOTOGRAPHS, Pixels, photograph, write_classes
from benchmarks.programs import TOPWORK
from benchmarks.record import Record
from benchmarks.timing import environment, run
from tests.deployment.live.servers import Camera
from tests.deployment.live.videos import ColourRecogniser, write_video
from topwork.deployment.live.events import Event, SignalEvent
from topwork.deployment.live.live_recognition import watch
from topwork.deployment.live.recognised_frame import RecognisedFrame

RATE, SECONDS = 25, 60
WIDTH, HEIGHT = 640, 480
FRAMES = 20_000
DEATHS = 5
AWAY_S = 2.0
SLOW = "packaged:efficientnet_lite2"
"""A network that is slow enough for a video of three times its capacity to be decoded beside it."""


def main() -> None:
    record = Record("live")
    with own_cache() as root:
        images = write_classes(root / "images", 3, 12)
        model, slow, small = (
            _model(root, images, name, backbone)
            for name, backbone in (
                ("usual", "packaged:efficientnet_lite0"),
                ("slow", SLOW),
                ("small", "packaged:efficientnet_lite0/64"),
            )
        )
        video = _panned(root / "v.mp4", RATE, RATE * SECONDS)
        _as_live(record, model, video)
        _unpaced(record, model, video)
        _overloaded(record, slow, root)
        _memory(record, small)
    _deaths(record)
    record.write()


def _model(root: Path, images: Path, name: str, backbone: str) -> Path:
    out = root / f"{name}.topwork"
    run(TOPWORK, "fit", str(images), "--backbone", backbone, "--out", str(out), "--no-baselines")
    return out


def _panned(file: Path, rate: int, n: int) -> Path:
    """A camera that pans over photographs, H.264."""

    def views() -> Iterator[Pixels]:
        for i in range(n):
            pixels = Image.fromarray(photograph(PHOTOGRAPHS[i // 250 % len(PHOTOGRAPHS)]))
            side = min(pixels.width / WIDTH, pixels.height / HEIGHT)
            share = 0.5 + 0.5 * np.sin(i / 40)
            w, h = WIDTH * side * 0.7, HEIGHT * side * 0.7
            left, top = (pixels.width - w) * share, (pixels.height - h) * (1 - share)
            view = pixels.resize((WIDTH, HEIGHT), box=(left, top, left + w, top + h))
            yield np.asarray(view)

    return write_video(file, views(), rate=rate)


def _watched(model: Path, source: str | Path, *options: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(
        run(TOPWORK, "watch", str(model), str(source), "--json", *options).stdout
    )
    frames = said["frames"]
    assert frames["received"] == frames["answered"] + frames["dropped"]
    return said


def _as_live(record: Record, model: Path, video: Path) -> None:
    said = _watched(model, video, "--as-live")
    stages = said["stages"]
    record.table(
        f"{WIDTH} x {HEIGHT} H.264 at {RATE} frames/s for {SECONDS} s, played by its clock, ms",
        ("stage", "p50", "p95", "p99", "max"),
        [
            (name, *(quantiles[q] for q in ("p50", "p95", "p99", "max")))
            for name, quantiles in (("arrival to prediction", said["latency_ms"]), *stages.items())
            if quantiles["p50"] is not None
        ],
    )
    record.target("frames dropped of 1,500", said["frames"]["dropped"], most=0)
    record.target("ms from arrival to prediction, p95", said["latency_ms"]["p95"], most=25)
    record.target("ms from arrival to prediction, p99", said["latency_ms"]["p99"], most=40)


def _unpaced(record: Record, model: Path, video: Path) -> None:
    said = _watched(model, video)
    record.target("frames/s of the same file, not paced", said["frames_per_second"], least=80)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "v.mp4"
        said = _watched(model, video, "--out", str(out))
        record.note("frames/s of the same, with a video written", said["frames_per_second"])
        record.note("ms of writing a frame of it, p50", said["stages"]["write"]["p50"])


def _overloaded(record: Record, model: Path, root: Path) -> None:
    sample = _panned(root / "sample.mp4", RATE, 250)
    capacity = _watched(model, sample)["frames_per_second"]
    rate = round(3 * capacity)
    video = _panned(root / "fast.mp4", rate, rate * SECONDS)
    events: list[tuple[float, float]] = []

    class Latencies(Quiet):
        def frame(self, recognised: RecognisedFrame) -> None:
            events.append((recognised.time_s, recognised.latency_s))

    live = watch(model, video, as_live=True, writers=(Latencies(),))
    for _ in live:
        pass
    result = live.result()
    frames, taken = result.frames, result.stages
    assert result.latency_ms.p99 is not None
    assert taken.infer.p99 is not None
    bound = 2 * 1000 / rate + taken.infer.p99
    record.table(
        f"a source of three times the capacity for {SECONDS} s",
        ("capacity, frames/s", "source, frames/s", "received", "answered", "dropped"),
        [(capacity, rate, frames.received, frames.answered, frames.dropped)],
    )
    record.note("p99 of the network alone, ms", taken.infer.p99)
    record.target(
        "p99 of arrival to prediction over two frames and the network",
        result.latency_ms.p99 / bound,
        most=1,
    )
    times, latencies = np.array(events).T
    slope = float(np.polyfit(times / 60, 1e3 * latencies, 1)[0])
    record.target("ms that latency grows in a minute", slope, most=1)
    lost = frames.received - frames.answered - frames.dropped
    record.target("frames neither answered nor dropped", lost, most=0)


def _memory(record: Record, model: Path) -> None:
    source = f"lavfi:testsrc2=size=320x240:rate={RATE}:duration={FRAMES / RATE}"
    sizes: list[float] = []
    command = (TOPWORK, "watch", str(model), source, "--json")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(), text=True
    ) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                sizes.append(watched.memory_info().rss / 1e6)
            except psutil.Error:
                break
            time.sleep(0.25)
        assert process.stdout is not None
        said = json.loads(process.stdout.read())
    assert said["frames"]["answered"] == FRAMES
    kept = [size for size in sizes if size > 0]
    first = median(kept[len(kept) // 10 : 2 * len(kept) // 10])
    record.note("MB after a tenth of the frames", first)
    record.target(
        f"MB more after {FRAMES} frames", median(kept[-len(kept) // 20 : -2]) - first, most=20
    )


class Quiet:
    """A writer that writes nothing."""

    def event(self, event: Event) -> None:
        pass

    def frame(self, recognised: RecognisedFrame) -> None:
        pass

    def close(self) -> None:
        pass


def _deaths(record: Record) -> None:
    again: list[float] = []

    class Signals(Quiet):
        def event(self, event: Event) -> None:
            if isinstance(event, SignalEvent) and event.event == "signal":
                again.append(time.monotonic())

    source, back = Camera(), []
    source.start()
    live = watch(ColourRecogniser(), source.url, writers=(Signals(),))

    def fail() -> None:
        time.sleep(2)
        for _ in range(DEATHS):
            source.die()
            time.sleep(AWAY_S)
            source.start()
            back.append(time.monotonic())
            time.sleep(5)
        live.stop()

    failing = threading.Thread(target=fail)
    failing.start()
    for _ in live:
        pass
    failing.join()
    source.die()
    result = live.result()
    record.target("times a source came back that died five times", len(again), least=DEATHS)
    record.target(
        "s until it is found, the longest",
        max(here - there for here, there in zip(again, back, strict=True)),
        most=3,
    )
    frames = result.frames
    lost = frames.received - frames.answered - frames.dropped
    record.target("frames lost in the five deaths", lost, most=0)


if __name__ == "__main__":
    main()
