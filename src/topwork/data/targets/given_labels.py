"""Labels that stand beside a list of items: one class each, or several labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from topwork.data.targets.label_targets import LabelTargets
from topwork.data.targets.label_values import Label
from topwork.data.targets.python_labels import labels_of
from topwork.data.targets.several_labels import (
    are_lists,
    are_surely_several,
    marks_of,
    several_labels_of,
)
from topwork.settings.choices import AskedTask


def given_labels(
    labels: Any, task: AskedTask
) -> tuple[LabelTargets | list[Label], tuple[str, ...]]:
    """One label per item, or targets of several; and sentences about how they were read.

    Raises
    ------
    topwork.errors.DataError
        They are of no use.

    Examples
    --------
    >>> given_labels(["a", "b"], "auto")[0], given_labels([["a"], ["a", "b"]], "auto")[0].labels
    (['a', 'b'], ('a', 'b'))
    """
    if task == "labels" or (task == "auto" and _hold_several(labels)):
        return several_labels_of(labels)
    return labels_of(labels), ()


def _hold_several(labels: Any) -> bool:
    """Whether these surely are several labels per item."""
    if isinstance(labels, LabelTargets) or are_lists(labels):
        return True
    if hasattr(labels, "toarray"):
        return True
    columns = getattr(labels, "columns", None)
    if columns is not None and hasattr(labels, "__getitem__"):
        return len(columns) > 1 and _is_multi_hot(np.array([list(labels[c]) for c in columns]).T)
    if isinstance(labels, np.ndarray) and labels.ndim == 2 and labels.shape[1] > 1:
        return _is_multi_hot(labels)
    return _in_cells(labels)


def _is_multi_hot(matrix: np.ndarray) -> bool:
    """Whether it holds marks alone, and isn't one-hot."""
    columns = [marks_of(column) for column in matrix.T]
    marks = [column for column in columns if column is not None]
    if len(marks) < len(columns):
        return False
    return not bool((np.array(marks).sum(axis=0) == 1).all())


def _in_cells(labels: Any) -> bool:
    if not isinstance(labels, (list, tuple)) or not all(isinstance(one, str) for one in labels):
        return False
    return are_surely_several(labels)
