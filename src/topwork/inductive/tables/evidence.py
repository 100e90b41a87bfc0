"""The rows of a table, encoded and divided into folds, before anything is fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.data.columns import RowTable
from topwork.data.columns.labelled_rows import table_of
from topwork.errors import DataError, ParameterError
from topwork.features.columns import ColumnEncoding, learn_predictors
from topwork.features.columns.encoding import LeftOutColumn
from topwork.heads import stratified_folds
from topwork.quality import join_groups
from topwork.runtime.counted import counted
from topwork.settings import FitSettings
from topwork.tasks.registry import strata_of

MIN_ROWS: Final = 10
"""Fewer say nothing of a column."""

_MAX_REPEATED: Final = 0.5
"""Share of the rows beyond which equal rows are no copies: few combinations of values are there."""


@dataclass(frozen=True, eq=False, slots=True)
class EncodedRows:
    """n rows with targets, as candidates see them.

    Parameters
    ----------
    data
        The rows and their targets.
    encoding
        How their columns become numbers.
    X
        These, ``(n, d)``.
    keys
        Content keys of the rows.
    folds, groups
        ``(n,)``.
    copies
        Positions of the rows of each group of equal ones.
    notes
        Sentences for people.
    """

    data: Dataset
    encoding: ColumnEncoding
    X: NDArray[np.float32]
    keys: list[bytes]
    folds: NDArray[np.intp]
    groups: NDArray[np.int64]
    copies: list[NDArray[np.intp]]
    notes: tuple[str, ...]


def encoded_rows(
    data: Dataset,
    settings: FitSettings,
    *,
    without: Sequence[str],
    only: Sequence[str] | None = None,
) -> EncodedRows:
    """Encode rows, find equal ones, and divide them.

    Parameters
    ----------
    without
        Columns that are not to be predicted from.
    only
        Columns that may be; None for all.

    Raises
    ------
    DataError
        There are too few rows, or no column says anything of them.
    ParameterError
        A column that is named is not there.
    """
    if len(data) < MIN_ROWS:
        raise DataError(
            f"There {'is' if len(data) == 1 else 'are'} {counted(len(data), 'row')} with a label.",
            remedy=f"Give at least {MIN_ROWS}; comparisons of models take 30.",
            code="too_few",
        )
    table = table_of(data)
    rest = [name for name in table.columns if only is not None and name not in set(only)]
    for name in (*without, *(only or ())):
        if name not in table.columns:
            raise ParameterError(
                f"{table.source} has no column {name!r} beside its labels.",
                remedy=f"Its columns are: {', '.join(list(table.columns)[:20])}.",
            )
    reasons = dict.fromkeys((*without, *rest), "it is to be left out")
    reasons |= dict.fromkeys(_same_as_targets(table, data), "the same as the label")
    encoding, hints = learn_predictors(table.columns, without=reasons)
    if not encoding.columns:
        raise _nothing_to_learn_from(table, encoding.left_out)
    keys = table.only(encoding.names).keys()
    copies = _equal(keys)
    notes = [*data.hints, *hints, *_identifiers(table, encoding, data)]
    repeated = sum(map(len, copies))
    if repeated > _MAX_REPEATED * len(data):
        copies = []
        notes.append(
            f"{repeated} of {len(data)} rows have the same values as another one, which is usual "
            "where columns have few values: equal rows were not kept together."
        )
    own = np.arange(len(data))
    for rows in copies:
        own[rows] = rows[0]
    groups = own if data.groups is None else join_groups(data.groups, own)
    folds = stratified_folds(
        strata_of(data), n_folds=settings.n_folds, groups=groups, seed=settings.seed
    )
    X = encoding.transform(table.columns)
    return EncodedRows(data, encoding, X, keys, folds, groups, copies, tuple(dict.fromkeys(notes)))


def _nothing_to_learn_from(table: RowTable, left_out: Sequence[LeftOutColumn]) -> DataError:
    told = "; ".join(f"{one.name}: {one.reason}" for one in left_out[:10])
    return DataError(
        f"No column of {table.source} can be predicted from ({told}).",
        remedy="Give a table with columns of numbers, dates, categories or texts.",
        code="too_few_columns",
    )


def _same_as_targets(table: RowTable, data: Dataset) -> list[str]:
    """Columns whose cells are those of the labels."""
    targets = data.targets
    assert targets is not None
    values = getattr(targets, "numbers", None)
    if values is not None:
        own = [float(one) for one in values]
        return [name for name, cells in table.columns.items() if _floats(cells) == own]
    assert data.classes is not None
    labels = [str(label) for label in data.classes.values()]
    return [name for name, cells in table.columns.items() if list(cells) == labels]


def _floats(cells: Sequence[str | None]) -> list[float] | None:
    found = []
    for cell in cells:
        try:
            found.append(float(cell or ""))
        except ValueError:
            return None
    return found


def _equal(keys: Sequence[bytes]) -> list[NDArray[np.intp]]:
    rows: dict[bytes, list[int]] = {}
    for place, key in enumerate(keys):
        rows.setdefault(key, []).append(place)
    return [np.array(own, np.intp) for own in rows.values() if len(own) > 1]


def _identifiers(table: RowTable, encoding: ColumnEncoding, data: Dataset) -> list[str]:
    """What is said of columns that look like the number of a person with several rows."""
    if data.groups is not None:
        return []
    named = [name for name in encoding.names if name.lower().endswith(("_id", " id", "-id"))]
    return [
        f"{name!r} of {table.source} may say which rows belong together: --columns group={name} "
        "keeps these in one fold, and the score is honest for new ones."
        for name in named
    ]
