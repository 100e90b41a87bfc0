"""Seconds and memory of the heads on features of known size, each in a process of its own.

`python -m benchmarks.heads`
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.frozen import peak_bytes
from benchmarks.record import Record
from benchmarks.timing import run, tell

SIZES = {
    "3,000 x 1,280, 101 classes": (3_030, 1_280, 101),
    "50,000 x 1,280, 100 classes": (50_000, 1_280, 100),
    "50,000 x 768, 1,000 classes": (50_000, 768, 1_000),
}
SMALL, LARGE, WIDE = SIZES

SIGNAL = 0.18
"""How far class means lie apart, in deviations: nine of ten held-out items are told rightly."""

TARGETS = {
    (SMALL, "logistic, path of penalties"): (6.0, None),
    (LARGE, "logistic"): (60.0, 2.0),
}
"""Most seconds, and most GB of memory."""


def main() -> None:
    if len(sys.argv) > 2:
        print(json.dumps(_alone(sys.argv[1], sys.argv[2])))
        return
    record = Record("heads")
    rows = []
    for size, way in (
        (SMALL, "ridge, leave-one-out"),
        (SMALL, "logistic, path of penalties"),
        (SMALL, "logistic, nested"),
        (SMALL, "scikit-learn, one logistic fit"),
        (LARGE, "ridge, leave-one-out"),
        (LARGE, "logistic"),
        (WIDE, "ridge, leave-one-out"),
        (WIDE, "logistic"),
    ):
        facts = json.loads(run(sys.executable, "-m", "benchmarks.heads", size, way).stdout)
        tell(f"{size}, {way}: {facts}")
        seconds, memory = facts["seconds"], facts["peak"] / 1e9
        rows.append((f"{size}: {way}", seconds, memory, facts["accuracy"]))
        if (size, way) in TARGETS:
            most, most_memory = TARGETS[size, way]
            if most is not None:
                record.target(f"{size}: {way}, seconds", seconds, most=most)
            if most_memory is not None:
                record.target(f"{size}: {way}, GB", memory, most=most_memory)
    record.table("heads", ("features and head", "seconds", "GB", "accuracy"), rows)
    record.write()


def _alone(size: str, way: str) -> dict[str, Any]:
    n, d, k = SIZES[size]
    X, codes = _features(n, d, k)
    begun = time.perf_counter()
    accuracy = WAYS[way](X, codes, k)
    return {
        "seconds": time.perf_counter() - begun,
        "peak": peak_bytes(),
        "accuracy": accuracy,
    }


def _features(n: int, d: int, k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Rows that a linear head gets right nine times in ten, with eigenvalues that fall off."""
    rng = np.random.default_rng(0)
    codes = rng.permutation(np.arange(n) % k)
    scale = (np.arange(1, d + 1) ** -0.5).astype(np.float32)
    X = rng.standard_normal((n, d), np.float32)
    X += SIGNAL * rng.standard_normal((k, d), np.float32)[codes]
    X *= scale
    return X + np.float32(0.5), codes


def _ridge(X: NDArray[np.float32], codes: NDArray[np.int64], k: int) -> float:
    from topwork.heads import fit_ridge

    return float((fit_ridge(X, codes, k).held_out.argmax(axis=1) == codes).mean())


def _logistic(X: NDArray[np.float32], codes: NDArray[np.int64], k: int) -> float:
    from topwork.heads import fit_logistic

    return float((fit_logistic(X, codes, k).logits(X[:5000]).argmax(1) == codes[:5000]).mean())


def _path(X: NDArray[np.float32], codes: NDArray[np.int64], k: int) -> float:
    from topwork.heads.logistic import LogisticPath, LogisticProblem
    from topwork.heads.penalty import PENALTIES

    problem = LogisticProblem.prepare(X, codes, k)
    path = LogisticPath(problem)
    fits = [path.fit(C) for C in PENALTIES]
    return float((problem.linear(fits[-1]).logits(X).argmax(axis=1) == codes).mean())


def _nested(X: NDArray[np.float32], codes: NDArray[np.int64], k: int) -> float:
    from topwork.heads.logistic import LogisticProblem
    from topwork.validation.nested import nested_fit

    problem = LogisticProblem.prepare(X, codes, k)
    fit = nested_fit(problem, np.arange(len(codes)) % 5)
    return float((fit.logits.argmax(axis=1) == codes).mean())


def _sklearn(X: NDArray[np.float32], codes: NDArray[np.int64], _: int) -> float:
    from sklearn.linear_model import LogisticRegression

    X = X / np.linalg.norm(X, axis=1, keepdims=True)
    return float(LogisticRegression(C=30, max_iter=1000).fit(X, codes).score(X, codes))


WAYS: dict[str, Callable[[NDArray[np.float32], NDArray[np.int64], int], float]] = {
    "ridge, leave-one-out": _ridge,
    "logistic": _logistic,
    "logistic, path of penalties": _path,
    "logistic, nested": _nested,
    "scikit-learn, one logistic fit": _sklearn,
}

if __name__ == "__main__":
    main()
