"""What labelled items must have, and which of them belong together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, check_label_type, skipped_sentences
from topwork.errors import DataError
from topwork.quality import Duplicates, Families, join_groups


def check_labelled(data: Dataset) -> None:
    """Refuse items without labels.

    Raises
    ------
    DataError
        The items have no labels.
    """
    if data.classes is None:
        raise DataError(
            "These items have no labels.",
            remedy=f"Put the {data.kind.name}s of each class in a folder of its own, or give a "
            f"table with the columns {data.kind.column} and label.",
            code="no_labels",
        )


def check_labels(data: Dataset) -> None:
    """Refuse data that no classifier can be fitted on.

    Raises
    ------
    DataError
        The items have no labels, one label only, or labels that are no classes.
    """
    check_labelled(data)
    assert data.classes is not None
    present = np.unique(data.classes.codes)
    if len(present) < 2:
        only = f" ({data.classes.labels[present[0]]})" if len(present) else ""
        raise DataError(
            f"All {len(data)} items have the same label{only}.",
            remedy=" ".join(
                (
                    f"Add {data.kind.name}s of another class.",
                    *data.hints,
                    *skipped_sentences(data.ignored, f"{data.kind.name}s"),
                )
            ),
            code="one_class",
        )
    issue = check_label_type(data.classes.labels, data.classes.counts())
    if issue is not None and issue.certain and not data.classes.certain:
        raise DataError(issue.message, remedy=issue.remedy, code=issue.code)


def undivided(
    data: Dataset, duplicates: Duplicates, families: Families | None = None
) -> NDArray[np.int64]:
    """What must not be split: the user's groups, joined where items come from one original."""
    own = duplicates.groups if families is None else families.groups
    return own if data.groups is None else join_groups(data.groups, own)
