"""What is counted and timed while a source is watched."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from topwork.deployment.live.frame import SourceCounts
from topwork.deployment.live.latency import LatencyHistogram
from topwork.deployment.live.recognised_frame import RecognisedFrame
from topwork.deployment.live.result import FrameCounts, ShownLabel, StageLatencies
from topwork.model.card import Label

STAGES = ("decode", "prepare", "infer", "after", "write")


@dataclass(eq=False)
class WatchStatistics:
    """Counts and durations of the frames so far; of fixed size.

    Parameters
    ----------
    labels
        The classes of the model.
    """

    labels: Sequence[Label]
    answered: int = 0
    still: int = 0
    latency: LatencyHistogram = field(default_factory=LatencyHistogram)
    stages: dict[str, LatencyHistogram] = field(
        default_factory=lambda: {name: LatencyHistogram() for name in STAGES}
    )
    begun: float = field(default_factory=time.monotonic)
    ended: float | None = None
    _shown: dict[Label | None, list[float]] = field(default_factory=dict)
    _last: tuple[Label | None, float] | None = None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times what is done inside."""
        begun = time.monotonic()
        yield
        self.stages[name].add(time.monotonic() - begun)

    def note(self, recognised: RecognisedFrame) -> None:
        """Count a frame that was answered."""
        self.answered += 1
        self.still += recognised.still
        self.latency.add(recognised.latency_s)
        self.stages["decode"].add(recognised.frame.decode_s)
        if recognised.smoothed is not None:
            self._note_shown(recognised.label, recognised.time_s)

    def _note_shown(self, label: Label | None, time_s: float) -> None:
        before = self._last
        if before is not None:
            self._shown[before[0]][0] += max(0.0, time_s - before[1])
        if before is None or before[0] != label:
            self._shown.setdefault(label, [0.0, 0.0])[1] += 1
        self._last = (label, time_s)

    def seconds(self) -> float:
        """Since watching began."""
        return (time.monotonic() if self.ended is None else self.ended) - self.begun

    def frames(self, source: SourceCounts) -> FrameCounts:
        """What became of the frames of a source."""
        return FrameCounts(
            received=source.received,
            answered=self.answered,
            dropped=source.dropped,
            still=self.still,
            undecodable=source.undecodable,
        )

    def by_stage(self) -> StageLatencies:
        """How long each stage took."""
        return StageLatencies(**{name: taken.quantiles() for name, taken in self.stages.items()})

    def shown(self) -> list[ShownLabel]:
        """How long each class was shown, the longest first."""
        found = [
            ShownLabel(
                label=None if label is None else str(label),
                seconds=round(seconds, 3),
                times=int(times),
            )
            for label, (seconds, times) in self._shown.items()
        ]
        return sorted(found, key=lambda one: -one.seconds)
