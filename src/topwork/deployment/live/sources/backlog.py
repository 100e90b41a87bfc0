"""Whether a live stream comes faster than it can be decoded."""

from __future__ import annotations

from typing import Final

MAX_LAG_S: Final = 1.0
"""By so much decoding may fall behind before frames are skipped."""

_WAITED_S: Final = 0.003
"""Who had to wait so long for a packet has caught up."""


class Backlog:
    """Compares a stream's timestamps with real time, since its reader last had to wait for it.

    Where it never waits, packets queue up somewhere before it. A clock of the sender that goes
    wrong a little changes nothing, as the comparison begins anew with every wait.

    Examples
    --------
    >>> backlog = Backlog()
    >>> backlog.lag(0.0, 10.0, waited_s=0.04), backlog.lag(0.04, 10.54, waited_s=0.0)
    (0.0, 0.5)
    """

    def __init__(self) -> None:
        self._caught_up: float | None = None

    def lag(self, time_s: float, now: float, *, waited_s: float) -> float:
        """Seconds that the reader is behind.

        Parameters
        ----------
        time_s
            The timestamp of a packet.
        now
            When it was read, by a steady clock.
        waited_s
            How long the reader waited for it.
        """
        behind = now - time_s
        if self._caught_up is None or waited_s >= _WAITED_S:
            self._caught_up = behind
        return max(0.0, behind - self._caught_up)
