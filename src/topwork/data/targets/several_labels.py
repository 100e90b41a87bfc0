"""Several labels per item as people write them: in one cell, in lists, in columns of 0 and 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from topwork.data.targets.label_meaning import check_label_type
from topwork.data.targets.label_targets import UNKNOWN, LabelTargets, Marks
from topwork.data.targets.labels import alike, readable
from topwork.data.targets.python_labels import is_missing, plain
from topwork.data.targets.written_lists import as_list, written_list
from topwork.errors import DataError

_SEPARATORS: Final = (";", "|", ",")
"""What is looked for in a cell where nothing tells what separates its labels."""

_MARKS: Final[Mapping[object, int]] = {
    **dict.fromkeys(("0", "0.0", "false", "no"), 0),
    **dict.fromkeys(("1", "1.0", "true", "yes"), 1),
    **dict.fromkeys(("", "-1", "-1.0", "nan", "?"), UNKNOWN),
}
_LONGEST: Final = 60
"""Characters of a label; more are a sentence."""

_REMEDY: Final = (
    "Give for each item a list of its labels, or a matrix (n, L) of 0 and 1, with -1 or NaN where "
    "a label is unknown; a frame of such columns names them."
)


def labels_in_cells(cells: Sequence[str | None]) -> tuple[LabelTargets, tuple[str, ...]]:
    """Targets of cells that hold several labels each, and sentences about how they were read.

    An empty cell is an item with none of the labels.

    Raises
    ------
    topwork.errors.DataError
        No cell holds any label.

    Examples
    --------
    >>> targets, said = labels_in_cells(["sea; sky", "sky", ""])
    >>> targets.values(), said[0][:46]
    ([('sea', 'sky'), ('sky',), ()], "Cells such as 'sea; sky' were read as several ")
    """
    texts = [readable((cell or "").strip()) for cell in cells]
    separator = separator_of(texts)
    rows = [_tags(text, separator) for text in texts]
    hints = [_how_read(texts, separator), *said_of_empty(sum(not row for row in rows))]
    names = sorted({tag for row in rows for tag in row})
    if not names:
        raise no_labels(len(cells))
    marks: list[Marks] = [dict.fromkeys(row, 1) for row in rows]
    return LabelTargets.from_marks(marks), (*hints, *alike(names))


def are_surely_several(texts: Iterable[str]) -> bool:
    """Whether cells hold several labels each, though nobody said so; sentences are no labels.

    Examples
    --------
    >>> are_surely_several(["sea;sky", "sky", "sky;sea"]), are_surely_several(["sea", "sky"])
    (True, False)
    """
    counts = Counter(text.strip() for text in texts if text and text.strip())
    issue = check_label_type(list(counts), np.array(list(counts.values()), int))
    if issue is None or not issue.certain or not issue.separator:
        return False
    return all(len(tag) <= _LONGEST for text in counts for tag in _tags(text, issue.separator))


def separator_of(texts: Sequence[str]) -> str:
    """What separates the labels of cells; empty where each cell holds one label at most."""
    held = Counter(text for text in texts if text)
    counts = {text: n for text, n in held.items() if written_list(text) is None}
    if 2 * len(counts) < len(held):
        return ","
    issue = check_label_type(list(counts), np.array(list(counts.values()), int))
    if issue is not None and issue.separator:
        return issue.separator
    return next((one for one in _SEPARATORS if any(one in text for text in counts)), "")


def _tags(text: str, separator: str) -> list[str]:
    if not text:
        return []
    named = text[0] == "(" and (separator != "," or "," not in text)
    listed = None if named else written_list(text)
    if listed is None and not separator:
        return [text]
    if listed is None:
        listed = [part.strip().strip("'\"") for part in text.split(separator)]
    return [part for part in dict.fromkeys(part.strip() for part in listed) if part]


def _how_read(texts: Sequence[str], separator: str) -> str:
    example = next((text for text in texts if separator and separator in text), "")
    listed = next((text for text in texts if text[:1] != "(" and written_list(text)), "")
    if separator == "," and listed:
        return (
            f"Cells such as {_short(example or listed)!r} were read as lists of labels; --task "
            "classes reads each as one class."
        )
    if not example:
        return (
            "Each cell was read as one label of an item that may have several; --task classes "
            "reads the cells as classes."
        )
    return (
        f"Cells such as {_short(example)!r} were read as several labels separated by "
        f"{separator!r}; --task classes reads each as one class."
    )


def _short(example: str) -> str:
    return example if len(example) <= _LONGEST else f"{example[: _LONGEST - 3]}..."


def surviving_cells(targets: LabelTargets) -> list[str]:
    """Cells that are read as the same labels again, also where nobody says that they are several.

    Examples
    --------
    >>> surviving_cells(labels_in_cells(["sea;sky", "sky", "sea"])[0])
    ['sea;sky', 'sky', 'sea']
    >>> surviving_cells(labels_in_cells(["sea", "", "sky"])[0])
    ['["sea"]', '[]', '["sky"]']
    """
    texts, labels = targets.texts(), targets.values()
    if are_surely_several(texts) and labels_in_cells(texts)[0].values() == labels:
        return texts
    return [as_list(own) for own in labels]


def said_of_empty(empty: int) -> list[str]:
    """How so many empty cells were read."""
    if not empty:
        return []
    said = "1 empty cell was" if empty == 1 else f"{empty} empty cells were"
    return [
        f"{said} read as items with none of the labels; remove these rows if their labels are "
        "unknown (skip_unlabelled=True in Python)."
    ]


def no_labels(n: int) -> DataError:
    """What to raise where none of n items has any label."""
    return DataError(
        f"None of the {n} items has any label.",
        remedy="Name the column of labels with --label NAME (columns={'label': NAME} in "
        "Python), or give columns of 0 and 1.",
        code="no_labels",
    )


def are_lists(values: object) -> bool:
    """Whether most of what stands for single items are lists, sets or tuples."""
    if not isinstance(values, Sequence) or isinstance(values, str):
        return False
    held = [value for value in values if not is_missing(value)]
    lists = sum(isinstance(v, (list, tuple, set, frozenset, np.ndarray)) for v in held)
    return 2 * lists > len(held)


def several_labels_of(values: Any) -> tuple[LabelTargets, tuple[str, ...]]:
    """Targets out of what programs hold: lists of labels, a matrix, a frame, or texts.

    Parameters
    ----------
    values
        n lists, sets or tuples of labels; a boolean or 0/1 matrix (n, L), dense or sparse of
        scipy; a frame with a column of 0 and 1 per label; or n texts with separators.

    Raises
    ------
    topwork.errors.DataError
        It is none of these, or no item has any label.

    Examples
    --------
    >>> several_labels_of([["a", "b"], set(), ("b",)])[0].values()
    [('a', 'b'), (), ('b',)]
    >>> several_labels_of(np.array([[1, 0], [-1, 1]]))[0].presence.tolist()
    [[1, 0], [-1, 1]]
    """
    if isinstance(values, LabelTargets):
        return values, ()
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    if hasattr(values, "toarray") and hasattr(values, "shape"):  # sparse
        values = values.toarray()
    if hasattr(values, "columns") and hasattr(values, "__getitem__"):
        return _of_frame(values), ()
    if isinstance(values, np.ndarray) and values.ndim == 2:
        names = [str(j) for j in range(values.shape[1])]
        return _of_columns(dict(zip(names, values.T, strict=True))), ()
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise DataError(f"Labels are of type {type(values).__name__}.", remedy=_REMEDY)
    rows = list(values)
    texts = [row for row in rows if isinstance(row, str) or is_missing(row)]
    if len(texts) == len(rows) and any(isinstance(row, str) for row in rows):
        return labels_in_cells([row if isinstance(row, str) else None for row in rows])
    if _are_indicators(rows):
        return several_labels_of(np.array([np.asarray(row) for row in rows]))
    marks = [_listed(row, i) for i, row in enumerate(rows)]
    if not any(1 in row.values() for row in marks):
        raise no_labels(len(rows))
    in_columns = all(isinstance(row, Mapping) for row in rows)
    return LabelTargets.from_marks(marks, complete=not in_columns), ()


def _are_indicators(rows: Sequence[Any]) -> bool:
    """Whether lists are the rows of a matrix of 0 and 1 rather than lists of labels."""
    if not all(isinstance(row, (list, tuple, np.ndarray)) for row in rows):
        return False
    lengths = {len(row) for row in rows}
    if len(lengths) != 1 or lengths.pop() < 2:
        return False
    cells = [plain(value) for row in rows for value in row]
    return all(isinstance(cell, (bool, int, float)) and cell in (0, 1, -1) for cell in cells)


def _listed(row: Any, i: int) -> Marks:
    if isinstance(row, Mapping):
        marks = {readable(str(label).strip()): _mark(plain(mark)) for label, mark in row.items()}
        known = {label: mark for label, mark in marks.items() if mark is not None}
        if len(known) < len(row):
            raise DataError(
                f"The labels of item {i} are marked by other than 0, 1 and unknown, or twice.",
                remedy=_REMEDY,
            )
        return known
    if is_missing(row):
        raise DataError(
            f"The labels of item {i} are missing.",
            remedy="Give an empty list for an item without labels, or leave the item out.",
        )
    if not isinstance(row, (list, tuple, set, frozenset, np.ndarray)):
        raise DataError(
            f"The labels of item {i} are of type {type(row).__name__}, not a list of labels.",
            remedy=_REMEDY,
        )
    found = [plain(value) for value in row]
    if any(is_missing(value) or not isinstance(value, (str, int, float, bool)) for value in found):
        raise DataError(f"A label of item {i} is missing or no text or number.", remedy=_REMEDY)
    return {readable(str(value).strip()): 1 for value in found}


def _of_frame(frame: Any) -> LabelTargets:
    return _of_columns({str(name): list(frame[name]) for name in frame.columns})


def _of_columns(columns: Mapping[str, Iterable[object]]) -> LabelTargets:
    marks = {name: marks_of(values) for name, values in columns.items()}
    bad = [name for name, column in marks.items() if column is None]
    if bad or not marks:
        raise DataError(
            f"The labels are {'a matrix' if bad else 'a frame'} of other things than 0, 1 and "
            f"unknown{f', such as in column {bad[0]}' if bad else ''}.",
            remedy=_REMEDY,
        )
    return targets_of_columns({name: column for name, column in marks.items() if column})


def targets_of_columns(columns: Mapping[str, Sequence[int]]) -> LabelTargets:
    """Targets of a column of marks per label.

    Raises
    ------
    topwork.errors.DataError
        No item has any label.
    """
    n = len(next(iter(columns.values()), ()))
    if not any(1 in column for column in columns.values()):
        raise no_labels(n)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return LabelTargets.from_marks(rows, complete=False)


def marks_of(values: Iterable[object]) -> list[int] | None:
    """A column of zeros and ones, -1 where it is unknown; None where it is anything else.

    Examples
    --------
    >>> marks_of(["1", "", "0"]), marks_of([True, None]), marks_of(["1", "2"])
    ([1, -1, 0], [1, -1], None)
    """
    marks = [_mark(plain(value)) for value in values]
    known = [mark for mark in marks if mark is not None]
    return known if len(known) == len(marks) else None


def _mark(value: object) -> int | None:
    return UNKNOWN if is_missing(value) else _MARKS.get(str(value).strip().lower())
