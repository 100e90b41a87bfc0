"""Passes over rows, a range of them for each task, in the same order of sums everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from topwork.heads.linear import normalise_rows
from topwork.runtime import usable_cores
from topwork.runtime.executor import n_workers, run_tasks

Result = TypeVar("Result")

N_PER_TASK: Final = 65_536
"""Rows of a task."""

N_PER_BLOCK: Final = 8_192
"""Rows of a task that are in memory at a time."""


class RowSource(Protocol):
    """Features of n items that are read a range at a time; it can be pickled."""

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)."""
        ...

    def read(self, begin: int, end: int) -> NDArray[np.floating]:
        """The rows from one position to before another, (b, d)."""
        ...


@dataclass(frozen=True, slots=True)
class ArrayRows:
    """Features in an array (n, d), which may be memory-mapped."""

    values: NDArray[np.floating]

    @property
    def shape(self) -> tuple[int, int]:
        n, d = self.values.shape
        return n, d

    def read(self, begin: int, end: int) -> NDArray[np.floating]:
        return self.values[begin:end]


@dataclass(frozen=True, eq=False, slots=True)
class RowRange:
    """A range of rows, and what is known of each.

    Parameters
    ----------
    begin
        Position of the first.
    targets
        (b,) codes or (b, k) numbers.
    folds
        (b,).
    """

    begin: int
    targets: NDArray[np.generic]
    folds: NDArray[np.integer]

    def blocks(
        self, source: RowSource, *, normalise: bool
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[np.generic], NDArray[np.integer]]]:
        """Rows (b, d), targets and folds of parts that fit into memory."""
        for a in range(0, len(self.folds), N_PER_BLOCK):
            b = min(a + N_PER_BLOCK, len(self.folds))
            rows = source.read(self.begin + a, self.begin + b)
            rows = normalise_rows(rows) if normalise else np.asarray(rows, np.float32)
            yield rows, self.targets[a:b], self.folds[a:b]


def ranges(targets: NDArray[np.generic], folds: NDArray[np.integer]) -> list[RowRange]:
    """All rows, a range for each task."""
    return [
        RowRange(a, targets[a : a + N_PER_TASK], folds[a : a + N_PER_TASK])
        for a in range(0, len(folds), N_PER_TASK)
    ]


def in_waves(function: Callable[[RowRange], Result], tasks: Sequence[RowRange]) -> Iterator[Result]:
    """Results in order, no more at a time than there are workers."""
    wave = max(n_workers(), usable_cores())
    for a in range(0, len(tasks), wave):
        yield from run_tasks(function, tasks[a : a + wave])
