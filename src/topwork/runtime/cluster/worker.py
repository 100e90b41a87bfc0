"""What happens to a task on a worker, and how its progress comes back."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from topwork.runtime.cores import SHARE
from topwork.runtime.progress import Progress

_TOLD_EVERY = 0.5
"""Seconds between what a worker tells."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the caller stands: its folder, and its settings in the environment."""

    folder: Path
    environment: Mapping[str, str]

    @classmethod
    def here(cls) -> Place:
        ours = {name: value for name, value in os.environ.items() if name.startswith("TOPWORK_")}
        return cls(Path.cwd(), ours)

    def enter(self) -> None:
        """Stand there, too, with one core for this process."""
        os.chdir(self.folder)
        for name in [name for name in os.environ if name.startswith("TOPWORK_")]:
            del os.environ[name]
        os.environ.update(self.environment)
        os.environ[SHARE] = "1"


@dataclass(frozen=True, slots=True)
class WorkerProgress:
    """How far a worker is with a task.

    Parameters
    ----------
    worker
        Address of its node, and its process.
    done, total
        Items of the task.
    seconds
        Since it began.
    """

    worker: str
    done: int
    total: int
    seconds: float


class Board:
    """Where workers write how far they are; the caller reads it."""

    def __init__(self) -> None:
        self._told: dict[int, WorkerProgress] = {}

    def tell(self, i: int, how_far: WorkerProgress) -> None:
        """Of the i-th task."""
        self._told[i] = how_far

    def read(self) -> dict[int, WorkerProgress]:
        """Of each task what was told last."""
        return self._told


def run_task(function: bytes, task: bytes, place: Place, told: tuple[Any, int] | None) -> bytes:
    """The pickled result of a function on a task.

    Both come as bytes: what Ray unpickles itself cannot be written to, as what comes from other
    executors can.

    Parameters
    ----------
    told
        The board that is told of progress, and which task it is; None tells nobody.
    """
    from threadpoolctl import threadpool_limits

    place.enter()
    call, argument = pickle.loads(function), pickle.loads(task)  # noqa: S301  of the cluster alone
    with threadpool_limits(limits=1, user_api="blas"):
        result = call(argument) if told is None else call(argument, progress=_telling(*told))
    return pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)


def _telling(board: Any, i: int) -> Progress:
    import ray

    worker = f"{ray.util.get_node_ip_address()} process {os.getpid()}"
    begun = time.monotonic()
    last = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _TOLD_EVERY or done == total:
            last = now
            board.tell.remote(i, WorkerProgress(worker, done, total, now - begun))

    return tell
