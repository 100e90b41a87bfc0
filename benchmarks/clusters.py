"""Groups without labels: how well sets divide, how many groups are seen, and claims where none are.

`python -m benchmarks.clusters [SEEDS] [DRAWS]` (5 and 200 by default; of 2,000 items a fifth)

Accuracy is that of the best one-to-one matching of clusters and classes, their number known.
What is proposed is spherical k-means in the half whitened space for images and for few clusters of
texts, the normalised cut of a graph of neighbours for many of them, and plain k-means on the axes
that columns share for tables; what it is held against is k-means of ten starts on rows of length 1
(of tables on standardised columns).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.caches import own_cache
from benchmarks.cluster_scale import N_FEATURES
from benchmarks.cluster_sets import GroupedSet, grouped_sets
from benchmarks.cluster_structure import claimed_groups, encoded, found_groups
from benchmarks.record import Record
from benchmarks.timing import peak_bytes_of, tell
from topwork.heads import normalise_rows
from topwork.heads.clustering import (
    PLANE,
    ClusterCount,
    FewOrMany,
    StructureTest,
    choose_n_clusters,
    half_whitened,
    spherical_kmeans,
    stability,
    structure_test,
)
from topwork.heads.clustering.rows import row_kmeans, row_structure_test
from topwork.transductive.candidates.cluster_support import matched_share
from topwork.unsupervised.clustering.modality import CLUSTERED

SEEDS, DRAWS, MANY = 5, 200, 100_000
Rows = NDArray[np.float32]
Codes = NDArray[np.intp]
Way = Callable[[Rows, int, int], Codes]


def _kmeans(rows: Rows, k: int, seed: int) -> Codes:
    from sklearn.cluster import KMeans

    found: Codes = KMeans(k, n_init=10, random_state=seed).fit_predict(rows)
    return found


def _spherical(rows: Rows, k: int, seed: int) -> Codes:
    return spherical_kmeans(rows, k, seed=seed).codes


def _shared(rows: Rows, k: int, seed: int) -> Codes:
    return row_kmeans(rows, k, seed=seed).codes


def _cut(rows: Rows, k: int, seed: int) -> Codes:
    return FewOrMany(cut_from=2).codes(rows, k, seed=seed)


def _text(rows: Rows, k: int, seed: int) -> Codes:
    return CLUSTERED["text"].ways.codes(rows, k, seed=seed)


BASELINE = "k-means, unit rows"
WAYS: dict[str, tuple[str, Way]] = {
    BASELINE: ("columns", _kmeans),
    "shared axes": ("shared axes", _shared),
    "spherical, 32": ("32 axes", _spherical),
    "spherical, 64": ("64 axes", _spherical),
    "cut, 32": ("32 axes", _cut),
    "few or many": ("32 axes", _text),
    "cut, unit rows": ("unit rows", _cut),
}
SHIPS = {"image": "spherical, 32", "row": "shared axes", "text": "few or many"}

NUMBERS = (2, 3, 5, 8, 12, 20, 30, 40, 50, 77)
BY_NUMBER = (BASELINE, "spherical, 32", "cut, 32", "few or many")


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    draws = int(sys.argv[2]) if len(sys.argv) > 2 else DRAWS
    record = Record("clusters")
    record.note("seeds, and draws of each kind of data", [seeds, draws])
    with own_cache():
        sets = list(grouped_sets(record))
    parts: tuple[Callable[[], None], ...] = (
        lambda: _accuracies(record, sets, seeds),
        lambda: _by_number(record, sets, seeds),
        lambda: _numbers(record, sets),
        lambda: _seconds(record),
        lambda: found_groups(record, draws),
        lambda: claimed_groups(record, draws),
    )
    for part in parts:
        part()
        record.write()


def _accuracies(record: Record, sets: list[GroupedSet], seeds: int) -> None:
    rows, gains = [], []
    for one in sets:
        k, spaces = int(one.codes.max()) + 1, _spaces(one)
        means = {
            name: float(
                np.mean([matched_share(way(spaces[space], k, s), one.codes) for s in range(seeds)])
            )
            for name, (space, way) in WAYS.items()
            if space in spaces
        }
        gains.append(100 * (means[SHIPS[one.kind]] - means[BASELINE]))
        rows.append(
            (
                one.name,
                len(one.X),
                k,
                *(means.get(name) for name in WAYS),
                SHIPS[one.kind],
                gains[-1],
            )
        )
        tell(f"{one.name}: {gains[-1]:+.1f} points")
    headings = ("set", "items", "groups", *WAYS, "used", "gain, points")
    record.table(f"Accuracy by best matching, means of {seeds} seeds", headings, rows)
    record.target("mean gain over k-means, points", float(np.mean(gains)), least=3.0)
    record.target("least gain of a set, points", min(gains), least=-1.5)


def _by_number(record: Record, sets: list[GroupedSet], seeds: int) -> None:
    """Few and many of the intents, drawn at random, by each way of texts."""
    rows = []
    for one in (one for one in sets if one.kind == "text"):
        n_all = int(one.codes.max()) + 1
        for k in (k for k in NUMBERS if k <= n_all and n_all > 2):
            shares = np.array([_of_some(one, k, seed) for seed in range(seeds)]).mean(axis=0)
            rows.append((one.name, k, *shares, 100 * (shares[-1] - shares[0])))
            tell(f"{k} of {one.name}: {rows[-1][-1]:+.1f} points")
    headings = ("set", "groups", *BY_NUMBER, "gain, points")
    record.table("Accuracy by the number of groups of texts", headings, rows)
    for name, few in (("fewer than 30", True), ("30 or more", False)):
        gains = [row[-1] for row in rows if (row[1] < 30) == few]
        record.target(f"mean gain of {name} groups of texts", float(np.mean(gains)), least=0.0)


def _of_some(one: GroupedSet, k: int, seed: int) -> list[float]:
    rng = np.random.default_rng((seed, k))
    kept = np.isin(one.codes, rng.choice(int(one.codes.max()) + 1, k, replace=False))
    some = replace(one, X=one.X[kept], codes=np.unique(one.codes[kept], return_inverse=True)[1])
    spaces = _spaces(some)
    ways = (WAYS[name] for name in BY_NUMBER)
    return [matched_share(way(spaces[space], k, seed), some.codes) for space, way in ways]


def _spaces(one: GroupedSet) -> dict[str, Rows]:
    if one.table is not None:
        X, axes = encoded(one.table)[0::2]
        return {"columns": one.X, "shared axes": axes.transform(X)}
    axes_of = {f"{n} axes": half_whitened(one.X, n).transform(one.X) for n in (32, 64)}
    unit = normalise_rows(one.X)
    return {"columns": unit, "unit rows": unit, **axes_of}


def _numbers(record: Record, sets: list[GroupedSet]) -> None:
    rows, errors = [], []
    for one in sets:
        groups = int(one.codes.max()) + 1
        last = max(3, min(50, len(one.X) // 10))
        seen, found = _judged(one, last)
        best = max(found.scores, key=lambda k: found.scores[k])
        rows.append((one.name, groups, seen.p, seen.strength, found.k, best, found.scores[best]))
        if found.k is not None:
            errors.append(abs(found.k - groups) / groups)
    headings = ("set", "groups", "p", "strength", "stands out", "best", "excess")
    record.table("Whether there are groups, and how many", headings, rows)
    record.note("sets whose number stands out", len(errors))
    if errors:
        record.target("their largest relative error of the number", max(errors), most=0.15)


def _judged(one: GroupedSet, last: int) -> tuple[StructureTest, ClusterCount]:
    """Whether there are groups, and how many."""
    if one.table is None:
        space = half_whitened(one.X).transform(one.X)
        ways = CLUSTERED[one.kind].ways
        return structure_test(one.X), choose_n_clusters(space, range(2, last + 1), ways=ways)
    X, blocks, axes = encoded(one.table)
    count = choose_n_clusters(axes.transform(X), range(2, last + 1), geometry=PLANE)
    return row_structure_test(X, blocks, axes.n_shared), count


def _seconds(record: Record) -> None:
    rng = np.random.default_rng(0)
    centres = 0.35 * rng.standard_normal((12, 1280), dtype=np.float32)
    for n, most in ((3000, 30.0), (30_000, 150.0)):
        X = rng.standard_normal((n, 1280), dtype=np.float32) + centres[rng.integers(0, 12, n)]
        begun = time.perf_counter()
        rows = half_whitened(X).transform(X)
        structure_test(X)
        k = choose_n_clusters(rows, range(2, 51)).k or 12
        spherical_kmeans(rows, k)
        stability(rows, k)
        record.target(f"seconds, {n} items of 1,280", time.perf_counter() - begun, most=most)
    for kind, d in N_FEATURES.items():
        begun = time.perf_counter()
        peak = peak_bytes_of(sys.executable, "-m", "benchmarks.cluster_scale", str(MANY), kind)
        record.note(f"seconds, {MANY} {kind}s of {d} features", time.perf_counter() - begun)
        record.target(f"GB at most, {MANY} {kind}s of {d} features", peak / 1e9, most=4.0)


if __name__ == "__main__":
    main()
