"""How many cores this process may use."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path


def usable_cores() -> int:
    """Cores that this process may run on: by its affinity and by the quota of its container.

    Examples
    --------
    >>> usable_cores() >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):
        allowed = len(os.sched_getaffinity(0))
    else:
        allowed = os.cpu_count() or 1
    return max(1, math.ceil(min(allowed, _quota())))


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
