"""What is shown while a source is watched: events as lines, and how fast it goes."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final

from topwork.cli.screen import plain
from topwork.deployment.live.events import Event, RejectedEvent, SignalEvent
from topwork.deployment.live.recognition.recogniser import ClassScores
from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.deployment.live.live_recognition import LiveRecognition
    from topwork.deployment.live.recognised_frame import RecognisedFrame

_REDRAWN_EVERY_S: Final = 1.0
_PRINTED_EVERY_S: Final = 10.0
_ERASED: Final = "\r\x1b[K"


class WatchScreen:
    """Prints events on standard output, and a line about speed on standard error.

    Parameters
    ----------
    screen
        The command's screen.
    """

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._redrawn = sys.stderr.isatty()
        self._last = time.monotonic()
        self.watched: LiveRecognition | None = None

    def event(self, event: Event) -> None:
        """A line, where people should know of it."""
        sentence = event.sentence
        if sentence is None:
            return
        self._erase()
        if isinstance(event, SignalEvent | RejectedEvent):
            self._screen.note(sentence)
        else:
            self._screen.print_line(sentence)

    def frame(self, recognised: RecognisedFrame) -> None:
        """How fast it goes, now and then."""
        every = _REDRAWN_EVERY_S if self._redrawn else _PRINTED_EVERY_S
        now = time.monotonic()
        if self._screen.quiet or self.watched is None or now - self._last < every:
            return
        self._last = now
        line = plain(_speed(self.watched, recognised))
        if self._redrawn:
            print(f"{_ERASED}{line}", end="", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Remove the line about speed."""
        self._erase()

    def _erase(self) -> None:
        if self._redrawn and not self._screen.quiet:
            print(_ERASED, end="", file=sys.stderr, flush=True)


def _speed(watched: LiveRecognition, recognised: RecognisedFrame) -> str:
    statistics, counts = watched.statistics, watched.source.counts
    label = "unknown" if recognised.label is None else recognised.label
    if not isinstance(recognised.result, ClassScores):
        label = counted(len(recognised.objects), "object")
    latency = statistics.latency
    return (
        f"{statistics.seconds():.0f} s · {label} {recognised.probability:.2f} · "
        f"{statistics.answered / statistics.seconds():.1f} frames/s · "
        f"p50 {1e3 * latency.quantile(0.5):.0f} ms · p95 {1e3 * latency.quantile(0.95):.0f} ms · "
        f"p99 {1e3 * latency.quantile(0.99):.0f} ms · {counts.dropped} dropped"
    )
