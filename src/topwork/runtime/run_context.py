"""What everything that a command does has in common, made once."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Self, TypeVar

from topwork.runtime.progress import Steps, no_steps
from topwork.runtime.scratch import Scratch

Settings_co = TypeVar("Settings_co", covariant=True)


@dataclass(frozen=True, slots=True)
class RunContext(Generic[Settings_co]):
    """One call of a command or an estimator, made once and passed on.

    Whatever opens steps is given it; what is a single step is given the progress of that step.
    Where tasks run is not in it, because functions of arrays have to know that, too:
    `topwork.runtime.executor.running_on` says it for everything inside.

    Parameters
    ----------
    settings
        What the user chose.
    steps
        Where progress goes.
    deadline
        On the monotonic clock; what would pass it is not begun.
    scratch
        Where finished fits and checkpoints are kept until the model is there.

    Examples
    --------
    >>> context = RunContext("settings").within(60)
    >>> 59 < context.left <= 60
    True
    """

    settings: Settings_co
    steps: Steps = no_steps
    deadline: float = math.inf
    scratch: Scratch = field(default_factory=Scratch)

    def __reduce__(self) -> tuple[Any, ...]:
        """In another process it is silent and has no deadline: clocks differ."""
        return RunContext, (self.settings, no_steps, math.inf, self.scratch)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.deadline - time.monotonic()

    def within(self, seconds: float) -> Self:
        """The same, to be done in so many seconds from now."""
        return replace(self, deadline=time.monotonic() + seconds)
