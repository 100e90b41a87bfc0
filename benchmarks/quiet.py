"""Whether the machine is quiet enough to measure on: what is timed beside other work is void."""

from __future__ import annotations

import os
import resource
import sys
import time

MAX_LOAD = 0.5
"""One-minute load average above which a benchmark refuses to start."""

MAX_OTHER_WORK = 0.25
"""Cores that other programs may keep busy on average before a result is marked."""

PATIENCE = 240
"""Seconds to wait for the load to fall: a benchmark that has just ended leaves its own behind."""

ANYWAY = "--anyway"


def asked_anyway(arguments: list[str]) -> bool:
    """Whether ``--anyway`` is among the arguments; it is taken out of them."""
    asked = ANYWAY in arguments
    while ANYWAY in arguments:
        arguments.remove(ANYWAY)
    return asked


def wait_for_quiet(*, anyway: bool, patience: float = PATIENCE) -> float:
    """The load average to start with.

    Raises
    ------
    SystemExit
        The machine is busy and stays so, and the run was not asked for ``--anyway``.
    """
    until = time.monotonic() + patience
    while (load := os.getloadavg()[0]) > MAX_LOAD and not anyway:
        if time.monotonic() > until:
            raise SystemExit(
                f"The load average is {load:.2f}, above {MAX_LOAD}: a result taken beside other "
                f"work is none. Stop the other work, or add {ANYWAY} (the result is then marked)."
            )
        print(f"waiting for a quiet machine: load average {load:.2f}", file=sys.stderr, flush=True)
        time.sleep(10)
    return load


class OtherWork:
    """What other programs do on this machine from now on.

    Processes that this one started and waited for count as its own.
    """

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._busy, self._own = _busy_seconds(), _own_seconds()

    def cores(self) -> float:
        """Cores that others kept busy on average, never below 0."""
        wall = max(time.monotonic() - self._begun, 1e-9)
        others = (_busy_seconds() - self._busy) - (_own_seconds() - self._own)
        return max(0.0, others / wall)


def _busy_seconds() -> float:
    import psutil

    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    # guest time is part of user time already
    return float(sum(times) - idle - getattr(times, "guest", 0.0) - getattr(times, "steal", 0.0))


def _own_seconds() -> float:
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)
