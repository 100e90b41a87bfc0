"""Which images show one part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.data.groups import join_groups, join_pairs
from topwork.quality.name_evidence import named_families
from topwork.runtime.counted import counted

NEAR = 0.6
"""Of the distance to the fifth neighbour: nearer first ones are a sign of several images a part."""

_MIN = 12
"""Images below which neighbours say nothing."""

Groups = NDArray[np.int64]


def groups_of_parts(
    data: Dataset, keys: Sequence[bytes], pooled: NDArray[np.float32], *, by_name: bool
) -> tuple[Groups, str]:
    """A group for each part, ``(n,)``, and a sentence on where they are from; empty for none.

    Images of equal content are always of one part. Unlike in other tasks images that look nearly
    the same are not: all good parts do.

    Parameters
    ----------
    keys
        n content keys.
    pooled
        Unit features ``(n, d)``.
    by_name
        Whether names are asked where the data have no groups.
    """
    n = len(keys)
    same = np.unique(np.array(list(keys), object), return_inverse=True)[1]
    if data.groups is not None:
        return join_groups(data.groups, same), ""
    if not by_name:
        return join_groups(np.arange(n), same), ""
    families = named_families([item.name for item in data.items], pooled, np.zeros(n, np.int64))
    pairs = [(family[0], other) for family in families for other in family[1:]]
    if not pairs:
        return join_groups(np.arange(n), same), ""
    first, second = np.array(pairs, np.intp).T
    groups = join_groups(join_pairs(n, first, second), same)
    return groups, (
        f"By their names the {n} images show {counted(len(np.unique(groups)), 'part')}; the "
        "images of a part count as one. --no-name-groups (name_groups=False) if they are of "
        "different parts."
    )


def repeated_sign(pooled: NDArray[np.float32], groups: Groups) -> str:
    """A sentence where images of different groups look as if they showed one part; else empty.

    Parameters
    ----------
    pooled
        Unit features ``(n, d)``.
    """
    n = len(pooled)
    if n < _MIN or len(np.unique(groups)) < n:
        return ""
    cosines = np.sort(pooled @ pooled.T, axis=1)[:, ::-1]  # the first is the image itself
    first, fifth = np.median(np.sqrt(np.maximum(2 - 2 * cosines[:, [1, 5]], 0)), axis=0)
    if first >= NEAR * fifth:
        return ""
    return (
        "Many images have one other image that is much more alike than the next ones, as several "
        "images of one part would. If they are, more false alarms than promised will come: name "
        "the part of each image in a table (--columns group=COLUMN; groups in Python)."
    )
