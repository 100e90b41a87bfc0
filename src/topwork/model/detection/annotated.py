"""Annotated images, however they are handed over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from topwork.data import Dataset, Split, read_items
from topwork.data.targets.python_boxes import boxes_of
from topwork.tasks.reading import read_as


def annotated(X: Any, y: Any = None, *, split: Split, groups: Any = None) -> Dataset:
    """Images with boxes.

    Parameters
    ----------
    X
        A dataset, a folder or table with boxes, or a list of images.
    y
        For each image of a list its boxes; see `topwork.data.targets.python_boxes.boxes_of`.

    Raises
    ------
    DataError
        There are no boxes.
    """
    if isinstance(X, Dataset):
        return X if groups is None else replace(X, groups=np.asarray(groups))
    if y is None:
        return read_as("boxes", X, split=split, groups=groups, items="image")
    items = list(read_items(X, kind="image"))
    targets = boxes_of(y, len(items))
    return Dataset(items, targets, groups=None if groups is None else np.asarray(groups))
