"""Groups that are planted, and claims where there are none, the way `topwork cluster` tests them.

Tables of numbers are read, encoded and brought to the axes that columns share, as a file's are.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue

import numpy as np
from numpy.typing import NDArray

from benchmarks.cluster_tables import TABLES, Columns
from benchmarks.cluster_worlds import (
    CLOUDS,
    FEATURES,
    MOST,
    UNLIKE_FEATURES,
    Cloud,
    columns_of,
    planted,
)
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.data.columns import RowTable, row_table
from topwork.heads.clustering import PLANE, choose_n_clusters, structure_test
from topwork.heads.clustering.rows import SharedAxes, row_structure_test
from topwork.runtime import usable_cores
from topwork.unsupervised.clustering.rows.fitting import encode, on_shared_axes

Rows = NDArray[np.float32]
Codes = NDArray[np.intp]
Shares = Callable[[Callable[[int], bool], int], float]

SIZES = {60: 1.0, 300: 1.0, 2000: 0.2}
"""Rows, and the share of the draws that is made of so many: they take long."""

PLANTED = ((2, 2), (2, 3), (8, 2), (8, 3), (24, 2), (24, 3))
"""Columns and groups."""

N_COLUMNS = (2, 4, 8, 24)
"""Of clouds, in turn."""

COUNTED = 4
"""In one of so many draws the number of groups is sought."""

N_FEATURES = 384


def encoded(table: RowTable) -> tuple[Rows, Codes, SharedAxes]:
    """Encoded columns (n, d), the column of the table that each comes from, and shared axes."""
    encoding, X, axes = on_shared_axes(encode(table)[0], table, 0)
    return X, encoding.blocks(), axes


def found_groups(record: Record, draws: int) -> None:
    """In how many tables groups three standard deviations apart are found and counted."""
    rows = []
    with one_process_per_core() as shares:
        for d, k, most in (*((*one, MOST) for one in PLANTED), (2, 2, 1.0)):
            name = f"{k} groups, {d} columns{', or in one of them' if most == 1 else ''}"
            for n in SIZES:
                m = _draws(draws, n)
                found = shares(partial(_found_planted, n, d, k, most), m)
                near = shares(partial(_counted, n, d, k, most), max(2, m // COUNTED))
                rows.append((name, n, m, found, near))
                tell(f"{name}, {n}: {found:.3f}, {near:.3f}")
    headings = ("table", "rows", "draws", "found", "number within one")
    record.table("Groups three standard deviations apart", headings, rows)
    enough = [row for row in rows if row[1] >= 300]
    record.target("least share found, 300 rows or more", min(r[3] for r in enough), least=0.95)
    record.target("least share within one, 300 or more", min(r[4] for r in enough), least=0.95)


def claimed_groups(record: Record, draws: int) -> None:
    """In how many tables, and sets of features, groups are claimed where there are none."""
    rows = []
    asked: dict[str, Callable[[int, int], bool]] = {
        **{name: partial(_of_cloud, cloud) for name, cloud in CLOUDS.items()},
        **{name: partial(_of_table, table) for name, table in TABLES.items()},
        **{
            f"{N_FEATURES} features, {name}": partial(_of_features, cloud)
            for name, cloud in (*FEATURES.items(), UNLIKE_FEATURES)
        },
    }
    with one_process_per_core() as shares:
        for name, claimed in asked.items():
            for n in SIZES:
                m = _draws(draws, n)
                share = shares(partial(claimed, n), m)
                rows.append((name, n, m, share))
                tell(f"{name}, {n}: {share:.3f}")
    record.table("Groups claimed where there are none", ("data", "items", "draws", "share"), rows)
    record.target("largest share of false claims", max(row[3] for row in rows), most=0.05)


@contextmanager
def one_process_per_core() -> Iterator[Shares]:
    """For a function of a seed, the share of so many seeds from 0 for which it is true.

    Each process has one core of its own: small tests are slower in threads than one by one.
    """
    cores: SimpleQueue[int] = get_context("spawn").SimpleQueue()
    for core in sorted(os.sched_getaffinity(0)):
        cores.put(core)
    n = usable_cores()
    with ProcessPoolExecutor(n, get_context("spawn"), _on_one_core, (cores,)) as pool:

        def shares(ask: Callable[[int], bool], m: int) -> float:
            chunk = max(1, min(10, m // (2 * n)))
            return float(np.mean(list(pool.map(ask, range(m), chunksize=chunk))))

        yield shares


def _on_one_core(cores: SimpleQueue[int]) -> None:
    os.sched_setaffinity(0, {cores.get()})


def _draws(draws: int, n: int) -> int:
    return max(2, round(draws * SIZES[n]))


def _rng(n: int, seed: int) -> np.random.Generator:
    return np.random.default_rng((seed, n))


def _planted(n: int, d: int, k: int, most: float, seed: int) -> Columns:
    return columns_of(planted(np.random.default_rng((seed, n, d, k)), n, d, k, most=most))


def _found_planted(n: int, d: int, k: int, most: float, seed: int) -> bool:
    return _found(_planted(n, d, k, most, seed), seed)


def _counted(n: int, d: int, k: int, most: float, seed: int) -> bool:
    """Whether the best number is within one of that of the groups."""
    X, _, axes = encoded(row_table(_planted(n, d, k, most, seed)))
    scores = choose_n_clusters(axes.transform(X[:1000]), range(2, 9), geometry=PLANE).scores
    return abs(max(scores, key=lambda one: scores[one]) - k) <= 1


def _of_cloud(cloud: Cloud, n: int, seed: int) -> bool:
    rng = _rng(n, seed)
    return _found(columns_of(cloud(rng, n, int(rng.choice(N_COLUMNS)))), seed)


def _of_table(table: Callable[[np.random.Generator, int], Columns], n: int, seed: int) -> bool:
    return _found(table(_rng(n, seed), n), seed)


def _of_features(cloud: Cloud, n: int, seed: int) -> bool:
    return structure_test(cloud(_rng(n, seed), n, N_FEATURES), seed=seed).found


def _found(columns: Columns, seed: int) -> bool:
    X, blocks, axes = encoded(row_table(columns))
    return row_structure_test(X, blocks, axes.n_shared, seed=seed).found
