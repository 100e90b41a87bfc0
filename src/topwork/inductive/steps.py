"""Where the progress of long work goes."""

from __future__ import annotations

from collections.abc import Callable

from topwork.features import Progress, silent

Steps = Callable[[str], Progress]
"""Gives, for the name of a step, the function that its progress is told to."""


def no_steps(name: str) -> Progress:  # noqa: ARG001
    """Shows no progress."""
    return silent
