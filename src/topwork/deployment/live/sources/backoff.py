"""How long to wait before the next attempt to reach a source."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

MIN_WAIT_S: Final = 0.5
MAX_WAIT_S: Final = 8.0

_SHARE: Final = 0.1


class Backoff:
    """Waits grow with the time that a source has been away, by a tenth of it.

    So one that was away for less than half a minute is found within three seconds.

    Examples
    --------
    >>> backoff = Backoff(clock=iter([0.0, 0.0, 20.0, 300.0]).__next__)
    >>> backoff.lost(), backoff.wait(), backoff.wait(), backoff.wait()
    (None, 0.5, 2.0, 8.0)
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None

    def lost(self) -> None:
        """The source is away, from now on unless it was already."""
        if self._since is None:
            self._since = self._clock()

    def found(self) -> None:
        """The source is there."""
        self._since = None

    def wait(self) -> float:
        """Seconds until the next attempt."""
        since = self._since
        away = 0.0 if since is None else self._clock() - since
        return min(MAX_WAIT_S, max(MIN_WAIT_S, _SHARE * away))
