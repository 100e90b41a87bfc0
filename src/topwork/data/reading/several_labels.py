"""Tables whose rows have several labels each."""

from __future__ import annotations

from collections.abc import Mapping

from topwork.data.tables.table import Table
from topwork.data.targets.label_targets import UNKNOWN, LabelTargets
from topwork.data.targets.python_labels import is_missing
from topwork.data.targets.several_labels import (
    are_surely_several,
    labels_in_cells,
    said_of_empty,
    several_labels_of,
)
from topwork.settings.choices import AskedTask


def holds_several(table: Table, task: AskedTask) -> bool:
    """Whether the labels of a table are to be read as several per item."""
    if task not in ("auto", "labels"):
        return False
    if task == "labels" or table.several:
        return True
    return are_surely_several(cell or "" for cell in table.columns["label"])


def labelled_rows(table: Table, *, skip_unlabelled: bool) -> tuple[Table, int]:
    """The rows of which some label is known, and how many there are of which none is.

    A row that says nothing has none of the labels, unless those without a label are to be skipped.
    """
    if table.several:
        values = table.values["label"]
        silent = [row for row, value in enumerate(values) if is_missing(value)]
        unknown = [row for row, value in enumerate(values) if _all_unknown(value)]
    else:
        silent, unknown = table.empty("label"), []
    out = {*unknown, *(silent if skip_unlabelled else ())}
    return table.keep(set(range(len(table))) - out), 0 if skip_unlabelled else len(unknown)


def _all_unknown(value: object) -> bool:
    return isinstance(value, Mapping) and all(mark == UNKNOWN for mark in value.values())


def several_labels(table: Table) -> tuple[LabelTargets, tuple[str, ...]]:
    """The targets of a table, and sentences about how they were read.

    Raises
    ------
    topwork.errors.DataError
        No row has any label.
    """
    if table.several:
        values = table.values["label"]
        targets, said = several_labels_of([[] if is_missing(one) else one for one in values])
        return targets, (*said, *said_of_empty(sum(map(is_missing, values))))
    return labels_in_cells(table.columns["label"])
