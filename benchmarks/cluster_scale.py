"""Groups of many items, in a process of its own, whose memory is measured.

`python -m benchmarks.cluster_scale ITEMS KIND` draws features of twelve groups and finds them as
`topwork cluster` does once features are in the store.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from topwork.runtime.progress import silent
from topwork.unsupervised.clustering.grouping import group
from topwork.unsupervised.clustering.modality import CLUSTERED

N_FEATURES = {"image": 1280, "text": 384}
"""Of the networks that are used by default."""

_GROUPS, _BLOCK = 12, 10_000


def drawn(n: int, d: int) -> NDArray[np.float32]:
    """Features (n, d), drawn in parts."""
    rng = np.random.default_rng(0)
    centres = 0.35 * rng.standard_normal((_GROUPS, d), dtype=np.float32)
    X = np.empty((n, d), np.float32)
    for start in range(0, n, _BLOCK):
        part = X[start : start + _BLOCK]
        rng.standard_normal(out=part, dtype=np.float32)
        part += centres[rng.integers(0, _GROUPS, len(part))]
    return X


def main() -> None:
    n, kind = int(sys.argv[1]), sys.argv[2]
    stored = drawn(n, N_FEATURES[kind])
    firsts = np.random.default_rng(1).permutation(n)  # in another order, and so a copy, as there
    found = group(
        stored[firsts], n_clusters=None, ways=CLUSTERED[kind].ways, seed=0, progress=silent
    )
    print(len(found.centres), found.structure.found)


if __name__ == "__main__":
    main()
