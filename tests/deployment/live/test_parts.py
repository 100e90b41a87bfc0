"""The parts that know nothing of videos: queues, histograms, addresses, clocks, smoothing."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.deployment.live.videos import moving, write_video
from topwork.deployment.live.frame import SourceCounts
from topwork.deployment.live.latency import LatencyHistogram
from topwork.deployment.live.recognition.recogniser import ClassScores
from topwork.deployment.live.recognition.smoothing import UNKNOWN, LabelSmoothing
from topwork.deployment.live.recognition.still import StillImages
from topwork.deployment.live.sources import backlog as backlog_module
from topwork.deployment.live.sources import decoding
from topwork.deployment.live.sources.address import address_of
from topwork.deployment.live.sources.backlog import Backlog
from topwork.deployment.live.sources.backoff import Backoff
from topwork.deployment.live.sources.decoding import decode, open_video
from topwork.deployment.live.sources.handover import Handover, HandoverEnded
from topwork.deployment.live.sources.stream_clock import StreamClock
from topwork.errors import DataError, ParameterError
from topwork.settings import WatchSettings


def test_a_queue_loses_nothing() -> None:
    counts = SourceCounts()
    queue = Handover[int](4, counts, newest_wins=False)

    def give() -> None:
        for i in range(500):
            queue.put(i)
        queue.end()

    threading.Thread(target=give).start()
    assert [queue.take(5.0) for _ in range(500)] == list(range(500))
    with pytest.raises(HandoverEnded):
        queue.take(5.0)
    assert (counts.received, counts.dropped) == (500, 0)


def test_a_slot_counts_what_it_drops() -> None:
    counts = SourceCounts()
    slot = Handover[int](1, counts, newest_wins=True)
    for i in range(10):
        slot.put(i)
    assert slot.take(0.0) == 9
    assert slot.take(0.0) is None
    slot.put(10)
    slot.close()
    assert not slot.put(11)
    assert (counts.received, counts.dropped) == (11, 10)


def test_closing_frees_a_reader_that_waits() -> None:
    queue = Handover[int](1, SourceCounts(), newest_wins=False)
    queue.put(0)
    told: list[bool] = []
    waiting = threading.Thread(target=lambda: told.append(queue.put(1)))
    waiting.start()
    queue.close()
    waiting.join(5.0)
    assert told == [False]


def test_an_error_of_the_reader_reaches_the_other_side() -> None:
    queue = Handover[int](1, SourceCounts(), newest_wins=False)
    queue.end(DataError("It broke.", remedy="Mend it."))
    with pytest.raises(DataError, match="It broke"):
        queue.take(1.0)


@pytest.mark.parametrize("seed", range(5))
def test_quantiles_are_right_to_a_percent(seed: int) -> None:
    seconds = np.random.default_rng(seed).lognormal(-4, 1, 2000)
    taken = LatencyHistogram()
    for one in seconds:
        taken.add(float(one))
    for share in (0.5, 0.95, 0.99):
        exact = np.quantile(seconds, share, method="inverted_cdf")
        assert taken.quantile(share) == pytest.approx(exact, rel=0.011)
    assert taken.longest == seconds.max()


def test_what_is_out_of_range_is_counted_at_its_ends() -> None:
    taken = LatencyHistogram()
    assert taken.quantiles().p50 is None
    taken.add(0.0)
    taken.add(1e6)
    assert taken.quantile(0.5) < 2e-5
    assert taken.quantile(1.0) > 100


@pytest.mark.parametrize(
    ("platform", "url", "format_"),
    [
        ("linux", "/dev/video1", "v4l2"),
        ("darwin", "1:none", "avfoundation"),
        ("win32", "video=1", "dshow"),
    ],
)
def test_cameras_are_called_as_the_platform_does(platform, url, format_) -> None:
    for source in (1, "camera:1"):
        address = address_of(source, platform=platform)
        assert (address.kind, address.url, address.format) == ("camera", url, format_)


def test_addresses(tmp_path: Path) -> None:
    rtsp = address_of("rtsp://me:secret@host:8554/live?a=b")
    assert (rtsp.kind, rtsp.name) == ("stream", "rtsp://host:8554/live?a=b")
    assert rtsp.url.startswith("rtsp://me:secret@")
    assert rtsp.options["rtsp_transport"] == "tcp"
    listening = address_of("rtsp://0.0.0.0:8554/live?listen")
    assert listening.listens
    assert listening.url == "rtsp://0.0.0.0:8554/live"
    assert listening.options["rtsp_flags"] == "listen"
    assert address_of("tcp://0.0.0.0:9000?listen=1").url == "tcp://0.0.0.0:9000?listen=1"
    assert address_of("https://host/film.MP4").kind == "file"
    assert address_of(tmp_path).kind == "folder"
    assert address_of("/dev/video2", platform="linux").url == "/dev/video2"
    assert address_of("lavfi:testsrc2").format == "lavfi"


@pytest.mark.parametrize("source", ["", "no such.mp4", "a\0b", "x" * 5000])
def test_no_such_file(source: str) -> None:
    with pytest.raises(DataError, match="There is no"):
        address_of(source)


@pytest.mark.parametrize("source", ["ftp://host/x", "concat://a", "file:///etc/passwd"])
def test_other_protocols_are_refused(source: str) -> None:
    with pytest.raises(ParameterError, match="not supported"):
        address_of(source)


@pytest.mark.parametrize(
    "wrong", [{"smooth": -1.0}, {"stall": 0.0}, {"seconds": -2.0}, {"smooth": float("nan")}]
)
def test_settings_that_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match="cannot be"):
        WatchSettings(**wrong)


def test_a_source_that_is_away_is_looked_for_less_and_less_often() -> None:
    now = [0.0]
    backoff = Backoff(clock=lambda: now[0])
    waits = []
    for _ in range(60):
        backoff.lost()
        waits.append(backoff.wait())
        now[0] += waits[-1]
    assert waits[0] == 0.5
    assert waits == sorted(waits)
    assert waits[-1] == 8.0
    backoff.found()
    backoff.lost()
    assert backoff.wait() == 0.5


def test_time_goes_on_over_connections() -> None:
    clock = StreamClock()
    times = [clock.seconds(1, 5000.0 + t, 100.0 + t) for t in (0.0, 0.04, 0.08)]
    times += [clock.seconds(2, t, 110.0 + t) for t in (0.0, 0.04)]
    times.append(clock.seconds(2, 90_000.0, 110.1))  # a jump
    times.append(clock.seconds(2, 90_000.04, 110.14))
    times.append(clock.seconds(3, None, 111.0))
    assert times == pytest.approx([0, 0.04, 0.08, 10.0, 10.04, 10.1, 10.14, 11.0])


def _scores(code: int, k: int = 3, *, p: float = 0.9, unknown: bool = False) -> ClassScores:
    probabilities = np.full(k, (1 - p) / (k - 1), np.float32)
    probabilities[code] = p
    return ClassScores(probabilities, unknown, code)


@pytest.mark.parametrize("p", [0.6, 0.9, 0.999])
@pytest.mark.parametrize("step", [1 / 30, 1 / 25, 1 / 10])
def test_smoothing_takes_nine_tenths_of_the_flicker(step: float, p: float) -> None:
    """A scene changes every four seconds, one frame in ten is wrong: 40 simulated repeats."""
    flicker = changes = 0
    delays = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        smoothing = LabelSmoothing(3, seconds=0.5)
        shown: list[int] = []
        raw: list[int] = []
        times = np.arange(0, 16, step)
        true = (times // 4).astype(int) % 2
        for time_s, code in zip(times, true, strict=True):
            said = (
                int(rng.choice([c for c in range(3) if c != code])) if rng.random() < 0.1 else code
            )
            raw.append(said)
            shown.append(smoothing.update(_scores(said, p=p), float(time_s)).code)
        flicker += int((np.diff(raw) != 0).sum()) - 3
        changes += int((np.diff(shown) != 0).sum()) - 3
        for change in (4, 8, 12):
            there = times[(times >= change) & (np.array(shown) == (change // 4) % 2)]
            delays.append(there[0] - change)
    assert changes <= 0.1 * flicker
    assert np.median(delays) <= 0.5
    assert np.quantile(delays, 0.9) <= 0.5 + 2 * step + (0.2 if step == 1 / 10 else 0.0)


def test_without_smoothing_every_frame_counts() -> None:
    smoothing = LabelSmoothing(3, seconds=0.0)
    codes = [0, 1, 0, 2, 2, 1]
    shown = [smoothing.update(_scores(c), 0.04 * i) for i, c in enumerate(codes)]
    assert [one.code for one in shown] == codes
    assert shown[1].probability == pytest.approx(0.9, abs=0.01)


def test_what_is_unknown_is_called_by_no_class() -> None:
    smoothing = LabelSmoothing(3, seconds=0.5)
    for i in range(50):
        shown = smoothing.update(_scores(1, unknown=True), 0.04 * i)
        assert shown.code == UNKNOWN
    for i in range(50, 100):
        shown = smoothing.update(_scores(2), 0.04 * i)
    assert shown.code == 2
    for i in range(100, 125):
        shown = smoothing.update(_scores(2, unknown=True), 0.04 * i)
    assert shown.code == UNKNOWN


def test_a_threshold_decides_after_smoothing_too() -> None:
    smoothing = LabelSmoothing(2, seconds=0.5, threshold=0.2)
    for i in range(30):
        shown = smoothing.update(ClassScores(np.float32([0.7, 0.3]), False, 1), 0.04 * i)
    assert shown.code == 1


def test_noise_is_still_and_a_small_object_is_not() -> None:
    rng = np.random.default_rng(0)
    scene = rng.integers(0, 200, (480, 640, 3)).astype(np.float64)
    still = StillImages()
    assert not still.unchanged(scene.astype(np.uint8))
    for _ in range(20):
        noisy = np.clip(scene + rng.normal(0, 4, scene.shape), 0, 255).astype(np.uint8)
        assert still.unchanged(noisy)
    changed = scene.astype(np.uint8)
    changed[100:112, 100:112] = 255
    assert not still.unchanged(changed)
    assert not still.unchanged(changed[:240])


def test_slow_changes_are_not_still_for_ever() -> None:
    still = StillImages()
    new = sum(not still.unchanged(np.full((48, 64, 3), level, np.uint8)) for level in range(60))
    assert new >= 15


def test_a_reader_that_waits_is_never_behind_even_if_clocks_differ() -> None:
    backlog = Backlog()
    for i in range(5000):  # the sender's clock is one percent slow
        assert backlog.lag(0.99 * i / 25, i / 25, waited_s=0.03) == 0


def test_a_reader_that_never_waits_falls_behind() -> None:
    backlog = Backlog()
    lags = [backlog.lag(i / 25, i / 20, waited_s=0.0) for i in range(200)]
    assert lags == sorted(lags)
    assert lags[-1] == pytest.approx(199 / 20 - 199 / 25)


def test_packets_are_skipped_up_to_a_key_frame(tmp_path: Path, monkeypatch) -> None:
    """A clock that jumps 0.2 s with each packet stands in for a decoder that takes so long."""
    video = write_video(tmp_path / "v.mkv", moving(100))  # a key frame each second
    counts, now = SourceCounts(), [0.0]

    def slow() -> float:
        now[0] += 0.05
        return now[0]

    monkeypatch.setattr(decoding.time, "monotonic", slow)
    monkeypatch.setattr(backlog_module, "_WAITED_S", 99.0)
    with open_video(address_of(video), low_delay=True) as container:
        times = [one.time_s for one in decode(container, counts, backlog=Backlog())]
    monkeypatch.undo()
    assert counts.dropped > 30
    assert len(times) + counts.dropped == 100
    jumps = [b for a, b in itertools.pairwise(times) if b - a > 0.1]
    assert jumps
    assert all(b == pytest.approx(round(b)) for b in jumps)
