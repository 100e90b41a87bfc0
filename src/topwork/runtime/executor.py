"""Where independent tasks run: here on threads, or wherever another executor brings them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Protocol, TypeVar

from threadpoolctl import threadpool_limits

from topwork.runtime.parallel import side_by_side

Task = TypeVar("Task")
Result = TypeVar("Result")


class Executor(Protocol):
    """Runs a function on each of several tasks.

    Functions come from the top level of a module, perhaps with some arguments bound, and they
    change nothing but what they return; they, their arguments and results can be pickled. So the
    results are the same wherever they run.
    """

    def map(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> list[Result]:
        """The results, in the order of the tasks."""
        ...


@dataclass(frozen=True, slots=True)
class LocalExecutor:
    """Threads of this process, one core each."""

    def map(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> list[Result]:
        return side_by_side(function, tasks)


@dataclass(frozen=True, slots=True)
class ProcessExecutor:
    """Processes of this computer, one core each.

    Parameters
    ----------
    workers
        How many.
    """

    workers: int = 2

    def map(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> list[Result]:
        pool = ProcessPoolExecutor(
            self.workers, mp_context=get_context("spawn"), initializer=_keep_to_one_core
        )
        with pool:
            return list(pool.map(function, tasks))


def _keep_to_one_core() -> None:
    threadpool_limits(limits=1, user_api="blas")


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


def run_tasks(function: Callable[[Task], Result], tasks: Iterable[Task]) -> list[Result]:
    """The results of a function on independent tasks, in their order; see `Executor`."""
    return _CURRENT.get().map(function, list(tasks))
