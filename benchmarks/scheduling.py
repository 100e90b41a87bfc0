"""What sending tasks to workers costs, and what the caller holds in memory.

`python -m benchmarks.scheduling`; `--quick --anyway` to see that it runs.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.caches import own_cache
from benchmarks.frozen import peak_bytes
from benchmarks.record import Record
from benchmarks.timing import run, tell
from topwork.features.lance_table import commit
from topwork.features.stored_rows import StoredRows
from topwork.heads.streaming import stream_logistic
from topwork.runtime.cluster.ray_executor import RayExecutor
from topwork.runtime.executor import running_on

WORKERS, PER_WORKER, DELAY = (2, 4, 8, 16), 20, 0.5
ROWS, D, K, BLOCK = (10_000, 1_000_000), 64, 5, 50_000
MIN_EFFICIENCY, MAX_OF_MEMORY = 0.9, 0.1


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--quick", action="store_true")
    options.add_argument("--anyway", action="store_true")
    options.add_argument("--fit", type=Path)
    given = options.parse_args()
    if given.fit:
        _fit(given.fit)
        return
    record = Record("scheduling")
    with own_cache() as root:
        workers, per_worker = ((2,), 4) if given.quick else (WORKERS, PER_WORKER)
        _efficiency(record, workers, per_worker)
        _memory(record, root, (2_000, 20_000) if given.quick else ROWS)
    record.write()


def _wait(delay: float) -> float:
    """The seconds that a task took whose work is to wait."""
    begun = time.perf_counter()
    time.sleep(delay)
    return time.perf_counter() - begun


def _efficiency(record: Record, workers: tuple[int, ...], per_worker: int) -> None:
    rows = []
    for n in workers:
        with RayExecutor(n_workers=n) as executor:
            executor.map(_wait, [DELAY] * 2 * n)  # processes are started
            begun = time.perf_counter()
            took = executor.map(_wait, [DELAY] * per_worker * n)
            wall = time.perf_counter() - begun
        rows.append((str(n), len(took), wall, sum(took) / n / wall))
        tell(f"{n} workers: {rows[-1][-1]:.3f}")
    record.table(
        f"Tasks of {DELAY} s that only wait", ("workers", "tasks", "seconds", "efficiency"), rows
    )
    record.target("least efficiency", min(row[-1] for row in rows), least=MIN_EFFICIENCY)


def _memory(record: Record, root: Path, sizes: tuple[int, int]) -> None:
    """Of the caller, while workers fit a logistic head with three folds on stored rows."""
    peaks = []
    for n in sizes:
        folder = root / str(n)
        folder.mkdir()
        _write(folder, n)
        done = run(sys.executable, "-m", "benchmarks.scheduling", "--fit", str(folder))
        peaks.append(json.loads(done.stdout)["peak"])
        tell(f"{n} rows: {peaks[-1] / 1e6:.0f} MB")
    record.table(
        "Memory of the caller",
        ("rows", "peak MB"),
        [(str(n), peak / 1e6) for n, peak in zip(sizes, peaks, strict=True)],
    )
    exponent = math.log(peaks[1] / peaks[0]) / math.log(sizes[1] / sizes[0])
    record.target("exponent of memory over rows", exponent, most=MAX_OF_MEMORY)


def _write(folder: Path, n: int) -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, K, n)
    centres = rng.normal(size=(K, D))
    for a in range(0, n, BLOCK):
        own = codes[a : a + BLOCK]
        rows = (centres[own] + 3 * rng.normal(size=(len(own), D))).astype(np.float16)
        keys = [i.to_bytes(16, "big") for i in range(a, a + len(own))]
        commit(folder / "rows.lance", keys, ["plain"] * len(own), rows)
    np.save(folder / "codes.npy", codes.astype(np.int32))


def _fit(folder: Path) -> None:
    """In a process of its own, whose memory is measured; its workers are others."""
    codes = np.load(folder / "codes.npy")
    with RayExecutor(n_workers=2) as executor, running_on(executor):
        rows = StoredRows.whole(folder / "rows.lance")
        stream_logistic(rows, codes, K, folds=(np.arange(len(codes)) % 3).astype(np.int16))
        peak = peak_bytes()
    print(json.dumps({"peak": peak}))


if __name__ == "__main__":
    main()
