"""An executor whose workers are those of a Ray cluster."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from topwork.errors import ClusterError
from topwork.runtime import cache_folder, writable
from topwork.runtime.cluster.connection import connect
from topwork.runtime.cluster.nodes import check_paths, check_versions
from topwork.runtime.cluster.worker import Board, Place, WorkerProgress, run_task
from topwork.runtime.executor import LargeTask
from topwork.runtime.progress import Progress, Steps, no_steps, silent

Task = TypeVar("Task")
Result = TypeVar("Result")

MAX_RETRIES: Final = 3
"""How often a task is begun again that was lost with its worker."""

_AHEAD = 2
"""Tasks that are sent for each worker; the others wait here, so that memory is bounded."""

_LOOKED_EVERY = 1.0
"""Seconds between looks at how far large tasks are."""


class RayExecutor:
    """Workers of a Ray cluster, one core each; joined or started by ``with``.

    A task whose worker is lost is begun again on another one.

    Parameters
    ----------
    address
        ``ray://HOST:PORT`` or ``HOST:PORT``; None for Ray on this machine alone.
    steps
        Where the progress of each worker goes.
    n_workers
        Of Ray on this machine alone; one for each core for None.

    Attributes
    ----------
    n_workers
        Cores of the cluster, once it was joined.
    workers
        How far each worker was with its last large task.
    """

    def __init__(
        self,
        address: str | None = None,
        steps: Steps = no_steps,
        *,
        n_workers: int | None = None,
    ) -> None:
        self.address = address
        self._asked = n_workers
        self.n_workers = n_workers or 1
        self.workers: dict[str, WorkerProgress] = {}
        self._steps = steps
        self._telling: dict[str, Progress] = {}
        self._end: Callable[[], None] | None = None

    def __enter__(self) -> Self:
        self._end = connect(self.address, self._asked)
        try:
            import ray

            self.n_workers = max(1, int(ray.cluster_resources().get("CPU", 1)))
            check_versions()
            self.check_shared([Path.cwd(), *filter(None, [writable(cache_folder())])])
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._end is not None:
            self._end()
            self._end = None

    def map(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        progress: Progress = silent,
    ) -> list[Result]:
        results: dict[int, Result] = {}
        for i, result in self._results(function, tasks, None):
            results[i] = result
            progress(len(results), len(tasks))
        return [results[i] for i in range(len(tasks))]

    def map_large(
        self,
        function: LargeTask[Task, Result],
        tasks: Sequence[Task],
        progress: Progress = silent,
    ) -> list[Result]:
        import ray

        board: Any = ray.remote(num_cpus=0, max_restarts=MAX_RETRIES)(Board).remote()
        results: dict[int, Result] = {}
        for i, result in self._results(function, tasks, board):
            if i >= 0:
                results[i] = result
            self._tell(ray.get(board.read.remote()), len(tasks), progress)
        progress(len(tasks), len(tasks))
        ray.kill(board)
        return [results[i] for i in range(len(tasks))]

    def check_shared(self, paths: Sequence[Path]) -> None:
        check_paths(paths)

    def _tell(self, told: dict[int, WorkerProgress], n_tasks: int, progress: Progress) -> None:
        for one in told.values():
            self.workers[one.worker] = one
            if one.worker not in self._telling:
                self._telling[one.worker] = self._steps(f"Worker {one.worker}")
            self._telling[one.worker](one.done, one.total)
        if told:  # tasks that nothing is known of are taken for as large as the others
            total = sum(one.total for one in told.values()) * n_tasks // len(told)
            progress(sum(one.done for one in told.values()), max(1, total))

    def _results(
        self, function: Callable[..., Any], tasks: Sequence[Any], board: Any
    ) -> Iterator[tuple[int, Any]]:
        """Positions of tasks and their results as they come; -1 while large ones compute."""
        import ray

        remote = ray.remote(num_cpus=1, max_retries=MAX_RETRIES)(run_task)
        sent = ray.put(ray.cloudpickle.dumps(function))
        place, pending = ray.put(Place.here()), dict[Any, int]()
        waiting = iter(enumerate(tasks))
        wait = None if board is None else _LOOKED_EVERY
        try:
            while True:
                while len(pending) < _AHEAD * self.n_workers and (one := next(waiting, None)):
                    i, task = one
                    told = None if board is None else (board, i)
                    blob = ray.cloudpickle.dumps(task)
                    pending[remote.remote(sent, blob, place, told)] = i
                if not pending:
                    return
                done, _ = ray.wait(list(pending), num_returns=1, timeout=wait)
                for answer in done:
                    yield pending.pop(answer), pickle.loads(_had(answer))  # noqa: S301  of our own
                if not done:
                    yield -1, None
        finally:
            for answer in pending:
                ray.cancel(answer, force=True)


def _had(answer: Any) -> bytes:
    """The result of a task.

    Raises
    ------
    ClusterError
        Its workers were lost, one after the other.
    """
    import ray
    from ray.exceptions import RayError, RayTaskError

    try:
        result: bytes = ray.get(answer)
        return result
    except RayTaskError as error:
        raise error.cause from error
    except RayError as error:
        raise ClusterError(
            f"A task was begun {MAX_RETRIES + 1} times, and each time its worker was lost "
            f"({type(error).__name__}).",
            remedy="Give the workers more memory, or use fewer of them; what was computed is kept.",
            code="lost_worker",
        ) from error
