"""One time axis for a stream that was interrupted: each connection counts its timestamps anew."""

from __future__ import annotations

from typing import Final

_MAX_JUMP_S: Final = 10.0
"""By how much timestamps may get ahead of the real time before they are a new count."""


class StreamClock:
    """Seconds since the first frame, by the timestamps of the stream.

    Between connections, and where timestamps are missing or jump, real time counts.

    Examples
    --------
    >>> clock = StreamClock()
    >>> clock.seconds(1, 100.0, 0.0), clock.seconds(1, 100.5, 0.6), clock.seconds(2, 7.0, 9.0)
    (0.0, 0.5, 9.0)
    """

    def __init__(self) -> None:
        self._begun: float | None = None
        self._connection = 0
        self._offset = 0.0
        self._last = 0.0

    @property
    def started(self) -> bool:
        """Whether there was a frame already."""
        return self._begun is not None

    def seconds(self, connection: int, time_s: float | None, arrived: float) -> float:
        """The time of a frame.

        Parameters
        ----------
        connection
            The number of the connection that it came by.
        time_s
            Its timestamp there, in seconds.
        arrived
            When it came, in seconds by a steady clock.
        """
        self._begun = arrived if self._begun is None else self._begun
        real = arrived - self._begun
        if time_s is None:
            self._last = max(self._last, real)
            return self._last
        seconds = time_s + self._offset
        jumped = seconds < self._last or seconds > real + _MAX_JUMP_S
        if connection != self._connection or jumped:
            self._connection = connection
            self._offset = max(real, self._last) - time_s
            seconds = time_s + self._offset
        self._last = seconds
        return seconds
