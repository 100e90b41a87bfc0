"""Whether the items that can't be read are spread evenly over the classes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np

from topwork.data.dataset import ClassTargets, Dataset

_MIN: Final = 3
"""Items that a class must lose."""

_LEVEL: Final = 0.01
"""How improbable so uneven losses must be by chance, over all classes together."""


def uneven_losses(data: Dataset, rejected: Collection[str]) -> str | None:
    """Say which class loses clearly more items than the others: leaving them out changes the data.

    By Fisher's exact test of each class against all others, with Bonferroni's correction.

    Parameters
    ----------
    rejected
        The names of the items that can't be read.

    Examples
    --------
    >>> from topwork.data.dataset import ClassTargets
    >>> from topwork.data.item import Item
    >>> items = [Item(str(i)) for i in range(60)]
    >>> data = Dataset(items, ClassTargets.from_labels(["ham"] * 40 + ["spam"] * 20))
    >>> uneven_losses(data, [str(i) for i in range(40, 50)])
    "10 of 20 items of the class 'spam' cannot be read, but 0 of 40 of all others: leaving them \
out biases the data."
    """
    if not isinstance(data.targets, ClassTargets) or not rejected:
        return None
    from scipy.stats import hypergeom

    gone = set(rejected)
    lost = np.array([item.name in gone for item in data.items])
    codes, n = data.targets.codes, len(lost)
    sizes = data.targets.counts()
    losses = np.bincount(codes[lost], minlength=len(sizes))
    total = int(losses.sum())
    p = hypergeom.sf(losses - 1, n, total, sizes) * len(sizes)
    p[losses < _MIN] = 1.0
    worst = int(np.argmin(p))
    if p[worst] >= _LEVEL:
        return None
    return (
        f"{losses[worst]} of {sizes[worst]} items of the class {data.targets.labels[worst]!r} "
        f"cannot be read, but {total - losses[worst]} of {n - sizes[worst]} of all others: leaving "
        "them out biases the data."
    )
