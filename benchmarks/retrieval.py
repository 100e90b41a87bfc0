"""How fast the nearest rows are found, and how many of them an index finds.

The rows are features of photographs, paintings, cartoons and sketches to which half the difference
of two others was added, so that any number of them vary as real features do.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench_data import bench_data
from benchmarks.record import Record
from topwork.intake.collection import collect
from topwork.settings import FeatureSettings
from topwork.unsupervised.retrieval.exact_neighbours import ExactNeighbours
from topwork.unsupervised.retrieval.indexed_neighbours import IndexedNeighbours
from topwork.unsupervised.retrieval.neighbours import Neighbours

N, QUERIES, K = 1_000_000, 50, 10
MAX_MS, MIN_RECALL = 150.0, 0.98
BLOCK = 20_000


def main(n: int = N) -> None:
    record = Record("retrieval")
    folder = bench_data(record, "pacs-mini")
    if folder is None:
        record.write()
        return
    base = collect(folder, FeatureSettings()).features.astype(np.float32)
    rng = np.random.default_rng(0)
    rows = np.empty((n, base.shape[1]), np.float16)
    for start in range(0, n, BLOCK):
        part = rows[start : start + BLOCK]
        part[:] = _more(base, len(part), rng)
    queries = _more(base, QUERIES, rng)
    began = time.perf_counter()
    exact = ExactNeighbours(rows)
    record.note("rows, dimensions", f"{n:,}, {rows.shape[1]}")
    record.note("seconds to shorten the rows", time.perf_counter() - began)
    truth, seconds = _searched(exact, queries)
    record.note("95th percentile of the exact search, ms", 1000 * float(np.quantile(seconds, 0.95)))
    record.target(
        "median of the exact search of all rows, ms", 1000 * float(np.median(seconds)), most=MAX_MS
    )
    wrong = sum(_differ(rows, queries[i], truth[i]) for i in range(5))
    record.target("queries of 5 that differ from comparing all rows in full", wrong, most=0)
    began = time.perf_counter()
    index = IndexedNeighbours(rows)
    record.note("seconds to build the index", time.perf_counter() - began)
    found, seconds = _searched(index, queries)
    record.note("median of the search by the index, ms", 1000 * float(np.median(seconds)))
    shared = [len(set(a.positions) & set(b.positions)) for a, b in zip(found, truth, strict=True)]
    record.target("recall@10 of the index", float(np.mean(shared)) / K, least=MIN_RECALL)
    record.write()


def _more(base: NDArray[np.float32], m: int, rng: np.random.Generator) -> NDArray[np.float32]:
    one, two, three = rng.integers(0, len(base), (3, m))
    return np.maximum(base[one] + 0.5 * (base[two] - base[three]), 0)


def _searched(
    finder: ExactNeighbours | IndexedNeighbours, queries: NDArray[np.float32]
) -> tuple[list[Neighbours], list[float]]:
    finder.nearest(queries[0], K)
    found, seconds = [], []
    for query in queries:
        began = time.perf_counter()
        found.append(finder.nearest(query, K))
        seconds.append(time.perf_counter() - began)
    return found, seconds


def _differ(rows: NDArray[np.float16], query: NDArray[np.float32], found: Neighbours) -> bool:
    """Whether a row that was not found is nearer than one that was."""
    unit = query / np.linalg.norm(query)
    every = []
    for start in range(0, len(rows), BLOCK):
        part = rows[start : start + BLOCK].astype(np.float32)
        every.append(part @ unit / np.linalg.norm(part, axis=1))
    best = np.sort(np.concatenate(every))[::-1][: len(found)]
    return bool(np.abs(best - found.similarities).max() > 1e-5)


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:] if one.isdigit()))
