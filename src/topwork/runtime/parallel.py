"""Independent fits side by side, one core each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import TypeVar

from threadpoolctl import ThreadpoolController

from topwork.runtime import usable_cores
from topwork.runtime.progress import Progress, collected, silent

Task = TypeVar("Task")
Result = TypeVar("Result")


def side_by_side(
    function: Callable[[Task], Result], tasks: Iterable[Task], progress: Progress = silent
) -> list[Result]:
    """Results of ``function`` for each task, in order.

    Matrix products keep to one thread meanwhile: small ones split badly, and the rest of a fit
    would not be split at all.

    Examples
    --------
    >>> side_by_side(abs, [-1, 2])
    [1, 2]
    """
    waiting = list(tasks)
    workers = min(usable_cores(), len(waiting))
    if workers < 2:
        return collected(map(function, waiting), len(waiting), progress)
    libraries = _libraries(len(sys.modules))
    with libraries.limit(limits=1, user_api="blas"), ThreadPoolExecutor(workers) as pool:
        return collected(pool.map(function, waiting), len(waiting), progress)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Matrix products keep to one thread: with other numbers of threads they round otherwise."""
    with _libraries(len(sys.modules)).limit(limits=1, user_api="blas"):
        yield


@lru_cache(maxsize=1)
def _libraries(_n_modules: int) -> ThreadpoolController:
    """The numerical libraries of this process, sought again once more modules were imported."""
    return ThreadpoolController()
