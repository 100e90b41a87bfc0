"""What labelled items must have, and which of them belong together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.errors import DataError
from topwork.quality import Duplicates, join_groups


def check_labels(data: Dataset) -> None:
    """Refuse data that no classifier can be fitted on.

    Raises
    ------
    DataError
        The items have no labels, or one label only.
    """
    if data.targets is None:
        raise DataError(
            "These items have no labels.",
            remedy="Put the images of each class in a folder of its own, or give a table with "
            "the columns path and label.",
            code="no_labels",
        )
    present = np.unique(data.targets.codes)
    if len(present) < 2:
        only = f" ({data.targets.labels[present[0]]})" if len(present) else ""
        raise DataError(
            f"All {len(data)} items have the same label{only}.",
            remedy="A classifier needs at least two classes; add images of another one.",
            code="one_class",
        )


def undivided(data: Dataset, duplicates: Duplicates) -> NDArray[np.int64]:
    """What must not be split: the user's groups, joined where pictures are the same."""
    if data.groups is None:
        return duplicates.groups
    return join_groups(data.groups, duplicates.groups)
