"""``topwork watch``: live recognition."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.expanded import with_options
from topwork.cli.options import Json, ModelPath, Quiet, Seed
from topwork.runtime.counted import counted
from topwork.settings import WatchSettings

if TYPE_CHECKING:
    from types import FrameType

    from topwork.cli.screen import Screen
    from topwork.deployment.live.live_recognition import LiveRecognition
    from topwork.deployment.live.result import WatchResult

_INTERRUPTED = 130


@with_options
def watch(
    model: ModelPath,
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A video file, camera:0, rtsp://, http:// or tcp:// address, or a folder that "
            "images come into.",
        ),
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write a video of what was recognised there (MP4)."),
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option("--events", help="Append events there as JSON lines."),
    ] = None,
    settings: WatchSettings,
    seed: Seed = 0,  # noqa: ARG001  every command takes it; nothing here is random
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Recognise what a video, camera, stream or growing folder shows, live."""
    from topwork.cli.screen import Screen
    from topwork.cli.watch_screen import WatchScreen
    from topwork.deployment.live.live_recognition import watch as watched

    screen = Screen(json=json, quiet=quiet)
    shown = WatchScreen(screen)
    live = watched(
        model,
        source,
        as_live=settings.as_live,
        smooth=settings.smooth,
        stall=settings.stall,
        seconds=settings.seconds,
        track=settings.track,
        count=settings.count,
        zone=settings.zone,
        events=events,
        out=out,
        writers=(shown,),
    )
    shown.watched = live
    with _ended_by_signals(live):
        for _ in live:
            pass
    written = {"events": events and str(events), "video": out and str(out)}
    result = live.result().model_copy(update=written)
    screen.result(result)
    show_watched(screen, result)
    # only its user ends a live source; of anything else a part is missing
    return _INTERRUPTED if result.interrupted and not live.source.endless else 0


@contextmanager
def _ended_by_signals(live: LiveRecognition) -> Iterator[None]:
    """Ctrl-C and SIGTERM end after the frame at hand; a second one ends at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = False

    def press(signum: int, frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            signal.default_int_handler(signum, frame)
        pressed = True
        live.stop()

    before = {number: signal.signal(number, press) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def show_watched(screen: Screen, result: WatchResult) -> None:
    """The summary, for people."""
    frames = result.frames
    answered = (
        f"{counted(frames.answered, 'frame')} predicted in {result.seconds:.1f} s "
        f"({result.frames_per_second:.1f} frames/s), {frames.dropped:,} dropped"
    )
    more = [
        f"{frames.still:,} unchanged" if frames.still else "",
        f"{frames.undecodable:,} undecodable" if frames.undecodable else "",
        counted(result.reconnects, "reconnection") if result.reconnects else "",
    ]
    screen.print_line(f"{', '.join([answered, *filter(None, more)])}.")
    if frames.answered:
        rows = [
            ("all", result.latency_ms),
            *((n, q) for n, q in result.stages if q.p50 is not None),
        ]
        screen.table(
            ("latency, ms", "p50", "p95", "p99", "max"),
            [(name, *(f"{value:.1f}" for _, value in taken)) for name, taken in rows],
        )
    if len(result.shown) > 1:
        screen.table(
            ("shown", "seconds", "times"),
            [(one.label or "unknown", f"{one.seconds:.1f}", one.times) for one in result.shown],
        )
    if result.tracks:
        screen.print_line(f"{counted(result.tracks, 'object')} followed.")
    for line in result.counts:
        screen.print_line(
            f"Line {_points(line.line)}: {line.left_to_right:,} from left to right, "
            f"{line.right_to_left:,} from right to left."
        )
    for zone in result.zones:
        where = " ".join(map(_points, zone.zone))
        screen.print_line(f"Zone {where}: {zone.inside} inside, {zone.entered:,} entered.")
    for file, what in ((result.events, "events"), (result.video, "the video")):
        if file is not None:
            screen.print_line(f"Wrote {what} to {file}.")


def _points(numbers: list[float]) -> str:
    return ",".join(f"{number:g}" for number in numbers)
