"""A logistic head with five folds on a million stored rows, in little memory.

`python -m benchmarks.streaming`; `--rows 20000 --anyway` to see that it runs.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.caches import own_cache
from benchmarks.frozen import peak_bytes
from benchmarks.record import Record
from benchmarks.timing import run, tell
from topwork.features.lance_table import commit
from topwork.features.stored_rows import StoredRows
from topwork.heads import LinearHead, fit_logistic, softmax
from topwork.heads.streaming import stream_logistic

ROWS, D, K, FOLDS, C = 1_000_000, 1_280, 10, 5, 30.0
SUBSET, BLOCK = 20_000, 20_000
MAX_GB, MAX_MINUTES, MAX_LOSS = 4.0, 20.0, 1e-3


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=ROWS)
    options.add_argument("--anyway", action="store_true")
    options.add_argument("--fit", type=Path)
    given = options.parse_args()
    if given.fit:
        _fit(given.fit)
        return
    record = Record("streaming")
    with own_cache() as root:
        codes = _write(root / "rows.lance", given.rows)
        np.save(root / "codes.npy", codes)
        tell("the rows are stored")
        done = run(sys.executable, "-m", "benchmarks.streaming", "--fit", str(root))
        found = json.loads(done.stdout)
        record.note("rows", given.rows)
        record.note("passes over them", found["passes"])
        record.note("held-out accuracy", found["accuracy"])
        record.target("GB at most", found["peak"] / 1e9, most=MAX_GB)
        record.target("minutes", found["seconds"] / 60, most=MAX_MINUTES)
        record.target("loss above the optimum in memory", _above(root, codes), most=MAX_LOSS)
    record.write()


def _write(uri: Path, n: int) -> NDArray[np.int64]:
    """Rows of classes that overlap, on a spectrum like that of a network's features."""
    rng = np.random.default_rng(0)
    scale = 1 / np.sqrt(1 + np.arange(D))
    centres = rng.normal(size=(K, D)) * scale * 0.15
    codes = rng.integers(0, K, n)
    for a in range(0, n, BLOCK):
        own = codes[a : a + BLOCK]
        rows = centres[own] + rng.normal(size=(len(own), D)) * scale + 0.3
        keys = [i.to_bytes(16, "big") for i in range(a, a + len(own))]
        commit(uri, keys, ["plain"] * len(own), rows.astype(np.float16))
    return codes


def _fit(root: Path) -> None:
    """In a process of its own, whose memory is measured."""
    codes, begun = np.load(root / "codes.npy"), time.perf_counter()
    rows = StoredRows.whole(root / "rows.lance")
    found = stream_logistic(rows, codes, K, folds=np.arange(len(codes)) % FOLDS, C=C)
    said = {
        "seconds": time.perf_counter() - begun,
        "peak": peak_bytes(),
        "passes": found.passes,
        "accuracy": float((found.predicted == codes).mean()),
    }
    print(json.dumps(said))


def _above(root: Path, codes: NDArray[np.int64]) -> float:
    """How far the objective of a streamed head is above the optimum, on rows that fit."""
    numbers = np.sort(np.random.default_rng(1).permutation(len(codes))[:SUBSET])
    some = StoredRows(root / "rows.lance", (len(numbers), D), numbers)
    own, rows = codes[numbers], some.read(0, len(numbers))
    streamed = stream_logistic(some, own, K, folds=np.arange(len(own)) % FOLDS, C=C).linear
    return _objective(streamed, rows, own) - _objective(fit_logistic(rows, own, K, C=C), rows, own)


def _objective(head: LinearHead, rows: NDArray[np.floating], codes: NDArray[np.int64]) -> float:
    p = softmax(head.logits(rows))[np.arange(len(codes)), codes]
    return float(-np.log(p).mean() + np.square(head.weight).sum() / (2 * C * len(codes)))


if __name__ == "__main__":
    main()
