"""Which items to keep: a table, not an act."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topwork.data import ClassTargets, Dataset, LabelTargets
from topwork.data.groups import join_groups
from topwork.quality.duplicates import Duplicates
from topwork.quality.families import Families
from topwork.quality.findings import DeduplicatedRow, Why
from topwork.quality.label_texts import label_texts
from topwork.quality.similarity import Similarity
from topwork.tasks.labels.task import label_sets


def kept(
    data: Dataset,
    similarity: Similarity,
    duplicates: Duplicates,
    *,
    splits: Sequence[str] | None = None,
    families: Families | None = None,
) -> tuple[DeduplicatedRow, ...]:
    """Propose which of n readable items to keep.

    Of the items of a group that have one label, one is kept: one outside the training split if
    there is any (then the other splits stay as they are), of these the one with the most pixels or
    characters, of these the first. Items with equal content and several labels are all left out: at
    most one of the labels is right, and nothing says which. Changed copies with several labels are
    kept, one for each label, since a person may have seen a difference that a thumbnail doesn't
    show; they share a group, so that no split separates them. Groups given with the data are
    joined with those of the duplicates.

    Parameters
    ----------
    splits
        The split of each item, if there are several.
    families
        Items of one original share a group; all of them are kept.

    Returns
    -------
    tuple
        n rows, in the order of the items.
    """
    groups = duplicates.groups if families is None else families.groups
    if data.groups is not None:
        groups = join_groups(groups, data.groups)
    labels = label_texts(data)
    why = _why(data, similarity, duplicates, splits)
    return tuple(
        DeduplicatedRow(
            path=item.name,
            label=labels[i] if labels else None,
            group=int(groups[i]),
            keep=not why[i],
            why=why[i],
        )
        for i, item in enumerate(data.items)
    )


def _codes(data: Dataset) -> NDArray[np.integer]:
    """The class or set of labels of each item; of other targets none conflict."""
    if isinstance(data.targets, ClassTargets):
        return data.targets.codes
    if isinstance(data.targets, LabelTargets):
        return label_sets(data.targets)
    return np.zeros(len(data), np.int64)


def _why(
    data: Dataset, similarity: Similarity, duplicates: Duplicates, splits: Sequence[str] | None
) -> list[Why]:
    """Why each item is not kept; empty where it is."""
    codes = _codes(data)
    why: list[Why] = [""] * len(data)
    conflicting = _conflicting(duplicates, codes)
    extent = similarity.extent
    for members in duplicates.members():
        for i in members[conflicting[members]]:
            why[i] = "conflict"
        left = members[~conflicting[members]]
        for code in np.unique(codes[left]):
            same = left[codes[left] == code]
            best = min(same, key=lambda i: (_in_training(splits, i), -extent[i], i))
            for i in same[same != best]:
                why[i] = "duplicate"
    return why


def _conflicting(duplicates: Duplicates, codes: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Whether an item's content has several labels, (n,)."""
    out = np.zeros(len(codes), np.bool_)
    # exact pairs all start at the first item with that content
    exact = [p for p in duplicates.pairs if p.kind == "exact"]
    torn = {p.first for p in exact if codes[p.first] != codes[p.second]}
    for pair in exact:
        if pair.first in torn:
            out[[pair.first, pair.second]] = True
    return out


def _in_training(splits: Sequence[str] | None, position: int) -> bool:
    return splits is not None and splits[position] == "train"
