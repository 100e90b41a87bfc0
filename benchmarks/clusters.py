"""Groups without labels: how well sets divide, how many groups are seen, and claims where none are.

`python -m benchmarks.clusters [SEEDS] [DRAWS]` (5 and 200 by default; of 2,000 items a fifth)

Accuracy is that of the best one-to-one matching of clusters and classes, their number known.
What is proposed is spherical k-means in the half whitened space for images, the normalised cut of a
graph of neighbours for texts, and plain k-means on the axes that columns share for tables; what it
is held against is k-means of ten starts on rows of length 1 (of tables on standardised columns).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.caches import own_cache
from benchmarks.cluster_sets import GroupedSet, grouped_sets
from benchmarks.cluster_tables import WITHOUT_GROUPS, Columns
from benchmarks.cluster_worlds import CLOUDS, planted
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.data.columns import RowTable, row_table
from topwork.heads import normalise_rows
from topwork.heads.clustering import (
    PLANE,
    ClusterCount,
    StructureTest,
    choose_n_clusters,
    half_whitened,
    normalised_cut,
    spherical_kmeans,
    stability,
    structure_test,
)
from topwork.heads.clustering.rows import (
    SharedAxes,
    row_kmeans,
    row_structure_test,
    shared_axes,
)
from topwork.runtime.parallel import side_by_side
from topwork.transductive.candidates.cluster_support import matched_share
from topwork.unsupervised.clustering.rows.fitting import encode

SEEDS, DRAWS = 5, 200
SIZES = {60: 1.0, 300: 1.0, 2000: 0.2}
"""Items, and the share of the draws that is made of so many: they take long."""

PLANTED = ((2, 2), (2, 3), (8, 2), (8, 3), (24, 2), (24, 3))

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
    return normalised_cut(rows, k, seed=seed)


BASELINE = "k-means, unit rows"
WAYS: dict[str, tuple[str, Way]] = {
    BASELINE: ("columns", _kmeans),
    "shared axes": ("shared axes", _shared),
    "spherical, 32": ("32 axes", _spherical),
    "spherical, 64": ("64 axes", _spherical),
    "cut, 32": ("32 axes", _cut),
    "cut, unit rows": ("unit rows", _cut),
}
SHIPS = {"image": "spherical, 32", "row": "shared axes", "text": "cut, 32"}


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    draws = int(sys.argv[2]) if len(sys.argv) > 2 else DRAWS
    record = Record("clusters")
    record.note("seeds, and draws of each kind of data", [seeds, draws])
    with own_cache():
        sets = list(grouped_sets(record))
    parts: tuple[Callable[[], None], ...] = (
        lambda: _accuracies(record, sets, seeds),
        lambda: _numbers(record, sets),
        lambda: _seconds(record),
        lambda: _found(record, draws),
        lambda: _claims(record, draws),
        lambda: _row_claims(record, draws),
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


def _spaces(one: GroupedSet) -> dict[str, Rows]:
    if one.table is not None:
        X, axes = _encoded(one.table)[0::2]
        return {"columns": one.X, "shared axes": axes.transform(X)}
    axes_of = {f"{n} axes": half_whitened(one.X, n).transform(one.X) for n in (32, 64)}
    unit = normalise_rows(one.X)
    return {"columns": unit, "unit rows": unit, **axes_of}


def _encoded(table: RowTable) -> tuple[Rows, Codes, SharedAxes]:
    encoding, _ = encode(table)
    X, blocks = encoding.transform(table.columns), encoding.blocks()
    return X, blocks, shared_axes(X, blocks)


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
        return structure_test(one.X), choose_n_clusters(space, range(2, last + 1))
    X, blocks, axes = _encoded(one.table)
    count = choose_n_clusters(axes.transform(X), range(2, last + 1), geometry=PLANE)
    return row_structure_test(X, blocks, axes.n_shared), count


def _row_claims(record: Record, draws: int) -> None:
    rows, worst = [], 0.0
    for name, columns in WITHOUT_GROUPS.items():
        for n in (60, 300):
            share = float(np.mean([_claimed_of_rows(columns, n, s) for s in range(draws)]))
            rows.append((name, n, share))
            tell(f"{name}, {n}: {share:.3f}")
            worst = max(worst, share)
    record.table("Groups of rows claimed where there are none", ("table", "rows", "share"), rows)
    record.target("largest share of false claims of tables", worst, most=0.05)


def _claimed_of_rows(
    columns: Callable[[np.random.Generator, int], Columns], n: int, seed: int
) -> bool:
    X, blocks, axes = _encoded(row_table(columns(np.random.default_rng((seed, n)), n)))
    return row_structure_test(X, blocks, axes.n_shared, seed=seed).found


def _claims(record: Record, draws: int) -> None:
    rows, worst = [], 0.0
    for name, cloud in CLOUDS.items():
        for n in SIZES:
            share = float(
                np.mean(side_by_side(lambda s, c=cloud, n=n: _claimed(c, n, s), range(draws)))
            )
            rows.append((name, n, share))
            tell(f"{name}, {n}: {share:.3f}")
            worst = max(worst, share)
    record.table("Groups claimed where there are none", ("data", "items", "draws", "share"), rows)
    record.target("largest share of false claims", worst, most=0.05)


def _draws(draws: int, n: int) -> int:
    return max(2, round(draws * SIZES[n]))


def _claimed(cloud: Callable[[np.random.Generator, int, int], Rows], n: int, seed: int) -> bool:
    rng = np.random.default_rng((seed, n))
    return structure_test(cloud(rng, n, (8, 16, 24)[seed % 3]), seed=seed).found


def _found(record: Record, draws: int) -> None:
    rows = []
    for d, k in PLANTED:
        for n in SIZES:
            m = _draws(draws, n)
            got = side_by_side(lambda s, n=n, d=d, k=k: _seen(n, d, k, s), range(m))
            found, near = np.mean(got, axis=0)
            rows.append((f"{k} groups, {d} columns", n, m, float(found), float(near)))
            tell(f"{k} groups, {d} columns, {n}: {found:.3f}, {near:.3f}")
    headings = ("data", "items", "draws", "found", "number within one")
    record.table("Groups three standard deviations apart", headings, rows)
    enough = [row for row in rows if row[1] >= 300]
    record.target("least share found, 300 items or more", min(r[3] for r in enough), least=0.95)
    record.target("least share within one, 300 or more", min(r[4] for r in enough), least=0.95)


def _seen(n: int, d: int, k: int, seed: int) -> tuple[bool, bool]:
    """Whether groups are found, and whether the best number is within one of theirs."""
    X = planted(np.random.default_rng((seed, n, d, k)), n, d, k)
    found = structure_test(X, seed=seed).found
    some = X[:1000]
    scores = choose_n_clusters(half_whitened(some).transform(some), range(2, 9)).scores
    return found, abs(max(scores, key=lambda one: scores[one]) - k) <= 1


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


if __name__ == "__main__":
    main()
