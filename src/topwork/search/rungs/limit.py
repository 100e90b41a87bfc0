"""A moment after which work that reports its progress is given up."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from topwork.runtime.progress import Progress, Steps


class OutOfTime(Exception):
    """The moment has passed."""


@dataclass
class Limit:
    """When work is given up, on the monotonic clock; never by default."""

    at: float = math.inf

    def steps(self, steps: Steps) -> Steps:
        """The same progress, which ends the work with ``OutOfTime`` after the moment."""

        def limited(name: str) -> Progress:
            progress = steps(name)

            def told(done: int, total: int) -> None:
                progress(done, total)
                if time.monotonic() > self.at:
                    raise OutOfTime

            return told

        return limited
