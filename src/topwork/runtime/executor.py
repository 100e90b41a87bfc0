"""Where independent tasks run: here on threads, or wherever another executor brings them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from topwork.runtime.progress import Progress, collected, silent

if TYPE_CHECKING:
    from concurrent.futures import Executor as Executors

Task = TypeVar("Task")
Result = TypeVar("Result")
Task_contra = TypeVar("Task_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)

_LOOKED_AFTER = 1.0
"""Seconds after which a process sees that its parent was killed."""


class LargeTask(Protocol[Task_contra, Result_co]):
    """What is done for a task that keeps all cores busy by itself, and may tell how far it is."""

    def __call__(self, task: Task_contra, /, *, progress: Progress = silent) -> Result_co: ...


class Executor(Protocol):
    """Runs a function on each of several tasks.

    Functions come from the top level of a module, perhaps with some arguments bound, and they
    change nothing but what they return; they, their arguments and results can be pickled. So the
    results are the same wherever they run.
    """

    @property
    def n_workers(self) -> int:
        """Processes that run tasks; 1 where it is this process itself."""
        ...

    def map(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        progress: Progress = silent,
    ) -> list[Result]:
        """The results, in the order of the tasks; ``progress`` is told how many there are."""
        ...

    def map_large(
        self,
        function: LargeTask[Task, Result],
        tasks: Sequence[Task],
        progress: Progress = silent,
    ) -> list[Result]:
        """The same of tasks that keep all cores that they are given busy by themselves."""
        ...

    def check_shared(self, paths: Sequence[Path]) -> None:
        """Check that all workers see these files and folders.

        Raises
        ------
        ClusterError
            One of them doesn't.
        """
        ...


@dataclass(frozen=True, slots=True)
class LocalExecutor:
    """Threads of this process, one core each."""

    n_workers: int = field(default=1, init=False)

    def map(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        progress: Progress = silent,
    ) -> list[Result]:
        from topwork.runtime.parallel import side_by_side

        return side_by_side(function, tasks, progress)

    def map_large(
        self,
        function: LargeTask[Task, Result],
        tasks: Sequence[Task],
        progress: Progress = silent,
    ) -> list[Result]:
        n = len(tasks)
        return [
            function(task, progress=partial(_tell_part, progress, i, n))
            for i, task in enumerate(tasks)
        ]

    def check_shared(self, paths: Sequence[Path]) -> None:
        """Nothing to check: there is one process."""


class ProcessExecutor:
    """Processes of this computer, one core each; started for the first tasks, ended by ``with``.

    Parameters
    ----------
    n_workers
        How many.

    Examples
    --------
    >>> with ProcessExecutor(2) as executor:
    ...     executor.n_workers
    2
    """

    def __init__(self, n_workers: int = 2) -> None:
        self.n_workers = n_workers
        self._pool: Executors | None = None

    def map(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        progress: Progress = silent,
    ) -> list[Result]:
        if self._pool is None:
            self._pool = _new_pool(self.n_workers)
        return collected(self._pool.map(function, tasks), len(tasks), progress)

    def map_large(
        self,
        function: LargeTask[Task, Result],
        tasks: Sequence[Task],
        progress: Progress = silent,
    ) -> list[Result]:
        if len(tasks) < 2 or self.n_workers < 2:
            return LocalExecutor().map_large(function, tasks, progress)
        return self.map(function, tasks, progress)

    def check_shared(self, paths: Sequence[Path]) -> None:
        """Nothing to check: all processes are on this computer."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None


def _new_pool(n_workers: int) -> Executors:
    # what fits in one process never imports; those of the standard library run the caller's script
    # again unless it is guarded by ``if __name__ == "__main__"``
    from joblib.externals.loky import ProcessPoolExecutor

    pool: Executors = ProcessPoolExecutor(
        n_workers, initializer=_begin_worker, initargs=(os.getpid(),)
    )
    return pool


def _begin_worker(parent: int) -> None:
    """One core for this process, which ends when its parent is gone, whatever it is doing."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1, user_api="blas")
    Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOKED_AFTER)
    os._exit(1)


_CURRENT: ContextVar[Executor] = ContextVar("executor", default=LocalExecutor())  # noqa: B039  frozen


@contextmanager
def running_on(executor: Executor) -> Iterator[None]:
    """Tasks inside run on this executor.

    Examples
    --------
    >>> with running_on(LocalExecutor()):
    ...     run_tasks(abs, [-1, 2])
    [1, 2]
    """
    before = _CURRENT.set(executor)
    try:
        yield
    finally:
        _CURRENT.reset(before)


def current_executor() -> Executor:
    """The executor that tasks run on here."""
    return _CURRENT.get()


def n_workers() -> int:
    """Processes among which the current executor divides tasks; 1 for this process."""
    return _CURRENT.get().n_workers


def run_tasks(
    function: Callable[[Task], Result], tasks: Iterable[Task], progress: Progress = silent
) -> list[Result]:
    """The results of a function on independent tasks, in their order; see `Executor`."""
    return _CURRENT.get().map(function, list(tasks), progress)


def run_large_tasks(
    function: LargeTask[Task, Result], tasks: Iterable[Task], progress: Progress = silent
) -> list[Result]:
    """The same of tasks that keep all cores busy by themselves: one after the other in one process.

    Where there are several workers, each keeps to one task at a time.

    Examples
    --------
    >>> def doubled(task, *, progress=silent):
    ...     return 2 * task
    >>> run_large_tasks(doubled, [1, 2])
    [2, 4]
    """
    return _CURRENT.get().map_large(function, list(tasks), progress)


def check_shared(paths: Iterable[Path]) -> None:
    """Check that all workers of the current executor see these files and folders.

    Raises
    ------
    ClusterError
        One of them doesn't.
    """
    _CURRENT.get().check_shared(list(paths))


def _tell_part(progress: Progress, i: int, n: int, done: int, total: int) -> None:
    """Progress of the i-th of n tasks, as that of all of them."""
    progress(i * total + done, n * total)
