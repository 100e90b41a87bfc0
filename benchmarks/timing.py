"""Fair timing on a machine that others use too: interleaved repeats, medians, ratios of medians."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Spent:
    """Seconds on the wall clock, and of processors, children included.

    Processor seconds hardly change when others use the machine, seconds on the wall do.
    """

    wall: float
    cpu: float


def spent(action: Callable[[], object]) -> Spent:
    """What one call takes."""
    wall, cpu = time.perf_counter(), _cpu_seconds()
    action()
    return Spent(time.perf_counter() - wall, _cpu_seconds() - cpu)


def interleaved(
    actions: Mapping[str, Callable[[], object]], *, repeats: int
) -> dict[str, list[Spent]]:
    """What each action takes, A B C A B C …, so that what disturbs one disturbs all."""
    found: dict[str, list[Spent]] = {name: [] for name in actions}
    for repeat in range(repeats):
        for name, action in actions.items():
            one = spent(action)
            found[name].append(one)
            tell(f"{repeat + 1}/{repeats} {name}: {one.wall:.2f} s, {one.cpu:.2f} s of processors")
    return found


def medians(all_spent: Sequence[Spent]) -> Spent:
    """The median of each kind of seconds."""
    return Spent(median(s.wall for s in all_spent), median(s.cpu for s in all_spent))


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """A whole process, its output kept; what it says about an error is shown."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment()
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return done


def peak_bytes_of(*command: str) -> int:
    """The most memory that a whole process had at a time."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT, env=environment()
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def environment() -> dict[str, str]:
    """For child processes: no colours, and bytecode kept as Python does unless told otherwise."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "NO_COLOR": "1"}


def tell(line: str) -> None:
    """A line of progress, on standard error."""
    print(line, file=sys.stderr, flush=True)


def _cpu_seconds() -> float:
    return sum(os.times()[:4])
