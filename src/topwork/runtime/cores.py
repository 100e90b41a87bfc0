"""How many cores this process may use."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SHARE = "TOPWORK_CORES"
"""The environment variable with the number of cores that a worker keeps to."""


def usable_cores() -> int:
    """Cores that this process may run on: by its affinity, its share and its container's quota.

    Examples
    --------
    >>> usable_cores() >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):
        allowed = len(os.sched_getaffinity(0))
    else:
        allowed = os.cpu_count() or 1
    return max(1, math.ceil(min(allowed, _quota(), limited_cores() or math.inf)))


def limited_cores() -> int | None:
    """Cores that this process was given of those that it could run on; None without a limit."""
    given = os.environ.get(SHARE, "")
    return int(given) if given.isdigit() and int(given) else None


@cache
def _quota() -> float:
    """Cores' worth of time that control groups give this process; infinite without a limit."""
    return min(quotas(Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")), default=math.inf)


def quotas(mounted: Path, own: Path) -> Iterator[float]:
    """Every quota that holds for a process, in cores.

    Parameters
    ----------
    mounted
        Where control groups are mounted.
    own
        The file that lists those of the process.
    """
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        root = mounted / controllers if controllers else mounted
        group = root / path.lstrip("/")
        for folder in (group, *group.parents):
            yield from _read(folder)
            if folder == root:
                break


def _read(folder: Path) -> Iterator[float]:
    """The quota of one control group, of version 2 or 1."""
    try:
        if (folder / "cpu.max").exists():
            share, period = (folder / "cpu.max").read_text().split()
        else:
            share = (folder / "cpu.cfs_quota_us").read_text().strip()
            period = (folder / "cpu.cfs_period_us").read_text().strip()
        if share != "max" and int(share) > 0:
            yield int(share) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return
