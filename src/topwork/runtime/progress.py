"""How far long steps are: whom work tells, and lines on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

Result = TypeVar("Result")

PATIENCE = 2.0
"""Seconds that a step may take before its progress is shown."""

WORTH_TELLING = 1.0
"""Seconds that a step must still take for a line."""

REPORT_EVERY = 10.0
"""Seconds between lines."""


class Progress(Protocol):
    """Is told how far a long step is."""

    def __call__(self, done: int, total: int) -> None: ...


Steps = Callable[[str], Progress]
"""Gives, for the name of a step, the function that its progress is told to."""


def silent(done: int, total: int) -> None:
    """Shows nothing."""


def no_steps(name: str) -> Progress:  # noqa: ARG001
    """Shows no progress of any step."""
    return silent


def collected(results: Iterable[Result], n: int, progress: Progress) -> list[Result]:
    """All n results; ``progress`` is told of each."""
    found = []
    for result in results:
        found.append(result)
        progress(len(found), n)
    return found


def printed_steps(name: str) -> Progress:
    """Progress of one step: a line once it takes longer than a moment, then one every ten seconds.

    Examples
    --------
    >>> report = printed_steps("Features")
    >>> report(1, 10)
    """
    begun, last, first = 0.0, 0.0, 0

    def report(done: int, total: int) -> None:
        nonlocal begun, last, first
        now = time.monotonic()
        if not begun:
            begun, last, first = now, now + PATIENCE - REPORT_EVERY, done
        if now - last < REPORT_EVERY or done in (first, total):
            return
        left = max(0.0, now - begun) / (done - first) * max(0, total - done)
        if left < WORTH_TELLING:
            return
        last = now
        print(f"{name}: {done}/{total}, {left:.0f} s left", file=sys.stderr, flush=True)

    return report
