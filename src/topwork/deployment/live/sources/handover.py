"""Hands frames from the thread that reads to the one that predicts."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

from topwork.deployment.live.frame import SourceCounts

One = TypeVar("One")


class HandoverEnded(Exception):
    """Nothing more will come."""


class Handover(Generic[One]):
    """A short queue. Either the reader waits where it is full, or the oldest gives way.

    Parameters
    ----------
    size
        How many may wait.
    counts
        Where what came and what was dropped is counted.
    newest_wins
        Whether the oldest gives way; otherwise nothing is dropped while it is open.

    Examples
    --------
    >>> counts = SourceCounts()
    >>> slot = Handover[str](1, counts, newest_wins=True)
    >>> slot.put("old"), slot.put("new"), slot.take(0.0), counts.received, counts.dropped
    (True, True, 'new', 2, 1)
    """

    def __init__(self, size: int, counts: SourceCounts, *, newest_wins: bool) -> None:
        self._size, self._counts, self._newest_wins = size, counts, newest_wins
        self._waiting: deque[One] = deque()
        self._changed = threading.Condition()
        self._ended = self._closed = False
        self._error: BaseException | None = None

    def put(self, one: One) -> bool:
        """Give one; False where nobody takes any more."""
        with self._changed:
            while not (self._newest_wins or self._closed or len(self._waiting) < self._size):
                self._changed.wait()
            if self._closed:
                return False
            if len(self._waiting) >= self._size:
                self._waiting.popleft()
                self._counts.dropped += 1
            self._waiting.append(one)
            self._counts.received += 1
            self._changed.notify_all()
            return True

    def note_skipped(self, n: int) -> None:
        """Count frames that were dropped before they were decoded."""
        with self._changed:
            self._counts.received += n
            self._counts.dropped += n

    def note_lost(self) -> None:
        """Count one that was taken and lost as dropped."""
        with self._changed:
            self._counts.dropped += 1

    def end(self, error: BaseException | None = None) -> None:
        """Say that nothing more will come, and for which error."""
        with self._changed:
            self._ended, self._error = True, error
            self._changed.notify_all()

    def take(self, timeout: float) -> One | None:
        """The oldest that waits; ``None`` where nothing came in so many seconds.

        Raises
        ------
        HandoverEnded
            Nothing more will come; or what the reader failed with.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended, timeout)
            if self._waiting:
                one = self._waiting.popleft()
                self._changed.notify_all()
                return one
            if not self._ended:
                return None
            raise self._error or HandoverEnded

    def close(self) -> None:
        """Take no more; what waits is dropped."""
        with self._changed:
            self._closed = True
            self._counts.dropped += len(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
