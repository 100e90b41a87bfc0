"""A pass over items as tasks, each a range of them: one here, several where there are workers."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from topwork.data import Item, Modality
from topwork.features.forward import Reading
from topwork.features.store import FeatureStore
from topwork.runtime.executor import LargeTask, check_shared, n_workers, run_large_tasks
from topwork.runtime.progress import Progress


@dataclass(slots=True)
class Extraction(Reading):
    """What became of the items, and how long it took in seconds.

    Parameters
    ----------
    measured
        Of each item that could be read, where something was to be measured, ``(m,)``.
    """

    seconds: float = 0.0
    measured: list[Any] = field(default_factory=list)

    def add(self, later: Extraction, begin: int) -> None:
        """Add what became of later items, of which the first is at a position among all."""
        self.kept += [begin + position for position in later.kept]
        self.keys += later.keys
        self.rejected += later.rejected
        self.cut_short += later.cut_short
        self.remarks.update(later.remarks)
        self.measured += later.measured


@dataclass(frozen=True)
class Pass(ABC):
    """Items, and the features that they shall have; a subclass says which, and can be pickled."""

    items: Sequence[Item]
    kind: Modality

    @property
    @abstractmethod
    def stores(self) -> Sequence[FeatureStore]:
        """Where the features go."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Of a batch."""

    @abstractmethod
    def known(self) -> dict[str, set[bytes]]:
        """For each view the content keys that need no computing."""


P = TypeVar("P", bound=Pass)


@dataclass(frozen=True, slots=True)
class PassedItems:
    """What became of a range of items, and the stores that hold their features."""

    extraction: Extraction
    stores: Sequence[FeatureStore]


def run_pass(function: LargeTask[P, PassedItems], given: P, progress: Progress) -> Extraction:
    """Bring the features of all items into the stores, a range of the items for each worker.

    A worker has copies of the stores: those on disk write to the same folder, and what is in
    memory comes back with the result.
    """
    begun = time.monotonic()
    n = len(given.items)
    check_shared(_some_files(given.items))
    ends = np.linspace(0, n, max(1, min(n_workers(), -(-n // given.size))) + 1).astype(int).tolist()
    tasks, known = [given], dict[str, set[bytes]]()
    if len(ends) > 2:
        tasks = [replace(given, items=given.items[a:b]) for a, b in pairwise(ends)]
        known = given.known()
    parts = run_large_tasks(function, tasks, progress)
    for part in parts:
        for store, filled in zip(given.stores, part.stores, strict=True):
            if filled is not store:
                store.take_over(filled)
    result = parts[0].extraction
    for begin, part in zip(ends[1:], parts[1:], strict=False):
        result.add(part.extraction, begin)
    if known:  # what is in several parts is computed once
        result.computed = sum(len(set(result.keys) - keys) for keys in known.values())
        result.cached = len(known) * len(result.kept) - result.computed
    result.seconds = time.monotonic() - begun
    return result


def _some_files(items: Sequence[Item]) -> list[Path]:
    """The first and the last files, for what other machines should see."""
    ends = [*items[:1], *items[-1:]]
    return [one.path for one in ends if one.path is not None and one.path.exists()]
