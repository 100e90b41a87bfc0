"""An executor that sends tasks through bytes, in this process."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from topwork.runtime.progress import Progress, collected, silent


@dataclass
class Recorder:
    """Runs tasks from copies that went through bytes, and remembers them."""

    seen: list[str] = field(default_factory=list)
    n_workers: int = 2

    def map(
        self, function: Callable[[Any], Any], tasks: Sequence[Any], progress: Progress = silent
    ) -> list[Any]:
        return self._map(function, tasks, progress)

    def map_large(
        self, function: Callable[..., Any], tasks: Sequence[Any], progress: Progress = silent
    ) -> list[Any]:
        return self._map(function, tasks, progress)

    def check_shared(self, paths: Sequence[Path]) -> None:
        """Nothing to check."""

    def _map(
        self, function: Callable[[Any], Any], tasks: Sequence[Any], progress: Progress
    ) -> list[Any]:
        again = pickle.loads(pickle.dumps((function, list(tasks))))
        self.seen += [getattr(function, "func", function).__name__] * len(tasks)
        done = (pickle.loads(pickle.dumps(again[0](task))) for task in again[1])
        return collected(done, len(tasks), progress)
