"""What fitted models of tables have in common."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.data.columns import RowModality, RowTable
from topwork.data.columns.labelled_rows import read_rows, table_of, unlabelled_rows
from topwork.errors import DataError
from topwork.features.rejected import RejectedRecord
from topwork.heads import LinearHead
from topwork.model.cards.table_card import TableCard
from topwork.model.evaluation.ledger import note_use
from topwork.model.parts import TableParts
from topwork.model.sealed_model import SealedModel, check_complete
from topwork.tasks.reading import interpreted

_NAMED: Final = 8


class TableWarning(UserWarning):
    """A table lacks a column that the model was fitted with, or holds what the model can't read."""


@dataclass(frozen=True, eq=False, slots=True)
class ReadRows:
    """Rows as a model sees them.

    Parameters
    ----------
    table
        The m rows that could be read.
    X
        Their columns, encoded, ``(m, d)``.
    keys
        Their content keys.
    notes
        What is said of missing columns and of values that the model doesn't know.
    """

    table: RowTable
    X: NDArray[np.float32]
    keys: list[bytes]
    notes: tuple[str, ...]


class TableModel(SealedModel):
    """Reads the columns of tables; a subclass says what is predicted from them.

    Parameters
    ----------
    parts
        What it is made of.
    engine
        Not used: there is no network.
    keep
        Whatever has to live as long as the model.
    """

    parts: TableParts

    @property
    def card(self) -> TableCard:
        """Everything about the model that isn't a tensor."""
        return self.parts.card

    @property
    def kind(self) -> RowModality:
        """How its items are read."""
        return RowModality()

    @property
    def training_keys(self) -> NDArray[np.uint8]:
        """The content key of every row of the fit, ``(n, 16)``: by it a row is known again."""
        return self.parts.keys

    def read(self, inputs: Any) -> ReadRows:
        """The rows of a table, as the model sees them.

        Parameters
        ----------
        inputs
            A table in a file, a data frame, a dictionary of columns, a list of dictionaries, or an
            array ``(n, c)`` with the columns of the fit. Further columns are not looked at; in
            place of one that is missing its mean is used, and a note says so.

        Raises
        ------
        DataError
            There is no such table, it has none of the columns, or what was a column of numbers or
            dates in training holds something else throughout.
        """
        table = inputs if isinstance(inputs, RowTable) else unlabelled_rows(inputs)
        encoding = self.card.encoding
        missing = encoding.missing(table.columns)
        if len(missing) == len(encoding.columns) and len(table):
            raise _no_columns(table, missing)
        _check_types(self.card, table)
        there = {name: table.columns[name] for name in encoding.names if name in table.columns}
        keys = RowTable(table.source, table.names, there).keys()
        notes = [*_missing_sentence(table, missing), *_unknown_sentence(self.card, table)]
        return ReadRows(table, encoding.transform(there), keys, tuple(notes))

    def outputs(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """What the head gives of encoded rows ``(m, d)``."""
        head = self.parts.head
        if isinstance(head, LinearHead):
            return head.logits(X).astype(np.float64)
        return head.outputs(X)

    def _complete(self, inputs: Any, bad: str) -> tuple[int, ReadRows]:
        """How many rows there are, and those that can be read; warns of what is said of them."""
        read = self.read(inputs)
        check_complete(list(read.table.rejected.values()), (), read.table.n_all, bad)
        for note in read.notes:
            warnings.warn(note, TableWarning, stacklevel=4)
        return read.table.n_all, read

    def _labelled(self, data: Any, targets: Any, task: Any) -> Dataset:
        """Rows with what is true of them."""
        if isinstance(data, Dataset):
            return interpreted(data, task)
        known = {} if targets is not None else self.card.columns
        found = read_rows(data, targets, columns=known, split="test_or_all", task=task)
        return interpreted(found, task)

    def _judged_facts(self, data: Dataset, read: ReadRows, seconds: float) -> dict[str, Any]:
        """What evaluations of every task say of the rows."""
        training = {row.tobytes() for row in self.training_keys}
        return {
            "modality": self.kind.name,
            "n_items": len(read.keys),
            "seen_in_training": sum(key in training for key in read.keys),
            "rejected": RejectedRecord.of(data.rejected),
            "uses": note_use(self.identity, read.keys),
            "skipped": dict(data.ignored),
            "notes": [*data.hints, *read.notes],
            "seconds": seconds,
        }


def rows_of(data: Dataset) -> RowTable:
    """The rows of a data set.

    Raises
    ------
    DataError
        Its items are images or texts.
    """
    if data.kind.name != RowModality.name:
        raise DataError(
            f"The model takes rows of tables, but the items are {data.kind.name}s.",
            remedy=RowModality.words.accepted,
            code="other_kind",
        )
    return table_of(data)


def _no_columns(table: RowTable, missing: Sequence[str]) -> DataError:
    wanted = ", ".join(map(repr, missing[:_NAMED])) + (", ..." if len(missing) > _NAMED else "")
    there = ", ".join(list(table.columns)[:20]) or "none at all"
    return DataError(
        f"{table.source} has none of the columns that the model was fitted with ({wanted}); its "
        f"columns are: {there}.",
        remedy="Give a table with these columns, called as they were when the model was made.",
        code="missing_column",
    )


def _check_types(card: TableCard, table: RowTable) -> None:
    """Refuse columns of numbers or dates of which no cell is one any more."""
    if not len(table):
        return
    for column in card.encoding.columns:
        if column.kind not in ("number", "date") or column.name not in table.columns:
            continue
        cells = table.columns[column.name]
        filled = [cell for cell in cells if cell is not None]
        if len(filled) < 2 or column.unknown(filled) < len(filled):
            continue
        raise DataError(
            f"The column {column.name!r} of {table.source} holds no {column.kind}s, such as "
            f"{filled[0]!r}; it did when the model was made.",
            remedy=f"Write its {column.kind}s as in the table that the model was made from, or "
            "leave the column out: then its mean is used.",
            code="wrong_type",
        )


def _missing_sentence(table: RowTable, missing: Sequence[str]) -> list[str]:
    if not missing or not len(table):
        return []
    named = ", ".join(map(repr, missing[:_NAMED])) + (", ..." if len(missing) > _NAMED else "")
    is_one = len(missing) == 1
    return [
        f"{table.source} has no column{'' if is_one else 's'} {named}, which the model was fitted "
        f"with; the mean of {'it' if is_one else 'each'} is used, so predictions are less certain "
        "than stated."
    ]


def _unknown_sentence(card: TableCard, table: RowTable) -> list[str]:
    found = card.encoding.unknown(table.columns)
    if not found:
        return []
    named = ", ".join(f"{n} in {name!r}" for name, n in list(found.items())[:_NAMED])
    return [f"Cells of {table.source} whose value the model doesn't know: {named}."]
