"""The answers that a table holds already, by the items that are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from topwork.errors import DataError, ParameterError
from topwork.labelling.annotation.answer_form import AnswerForm, Value
from topwork.labelling.annotation.label_file import LabelFile
from topwork.labelling.annotation.shown_items import Shown
from topwork.runtime.counted import counted


@dataclass(frozen=True, eq=False, slots=True)
class TakenOver:
    """Answers of a table.

    Parameters
    ----------
    values
        By the place of an item among those of different content.
    cells
        What the table calls items, by their places; also of those without an answer.
    notes
        What could not be taken over, in sentences.
    """

    values: Mapping[int, Value]
    cells: Mapping[int, str]
    notes: Sequence[str]


def taken_over(
    items: Shown, file: LabelFile, form: AnswerForm, by_key: Mapping[bytes, int]
) -> TakenOver:
    """The answers that a table holds; rows of other items stay in it.

    Parameters
    ----------
    by_key
        The first row of each content, in the order of the places.

    Raises
    ------
    DataError
        The table gives one content two answers, or something that is none.
    """
    place_of = {row: place for place, row in enumerate(by_key.values())}
    values: dict[int, Value] = {}
    cells: dict[int, str] = {}
    elsewhere = 0
    for cell, rows in file.rows().items():
        value = _value(file, form, rows)
        place = _place(items, cell, by_key, place_of)
        if place is None:
            elsewhere += value is not None
            continue
        cells.setdefault(place, cell)
        if value is None:
            continue
        cells[place] = cell
        if place in values and values[place] != value:
            raise _contradiction(file, cell, values[place], value)
        values[place] = value
    noun, notes = items.kind.name, []
    if elsewhere:
        notes.append(
            f"{counted(elsewhere, noun)} in {file.file} can't be found among the data: their "
            "labels stay in the table, and nothing is learnt from them."
        )
    return TakenOver(values, cells, notes)


def unread(keys: Sequence[bytes | None], noun: str) -> list[str]:
    """Sentences about items that can't be read, and about copies."""
    n_unread = sum(key is None for key in keys)
    n_copies = len(keys) - n_unread - len(set(keys) - {None})
    notes = []
    if n_unread:
        notes.append(f"{counted(n_unread, noun)} can't be read: left out.")
    if n_copies:
        notes.append(f"{counted(n_copies, noun)} with the content of another: asked once.")
    return notes


def _place(
    items: Shown, cell: str, by_key: Mapping[bytes, int], place_of: Mapping[int, int]
) -> int | None:
    row = items.row_of(cell, by_key)
    if row is None:
        return None
    if row not in place_of:  # a copy of one that is shown
        key = items.key_of(row)
        row = -1 if key is None else by_key[key]
    return place_of.get(row)


def _value(file: LabelFile, form: AnswerForm, rows: Sequence[Mapping[str, str]]) -> Value:
    try:
        values = [form.value([row]) for row in rows] if form.single else [form.value(rows)]
    except (ParameterError, ValueError) as error:
        raise DataError(
            f"{file.file} holds something that is no answer: {error}",
            remedy="Mend it, or name another file with --out.",
            code="bad_labels",
        ) from error
    given = [value for value in values if value is not None]
    for value in given[1:]:
        if value != given[0]:
            raise _contradiction(file, "an item", given[0], value)
    return given[0] if given else None


def _contradiction(file: LabelFile, what: str, first: Value, second: Value) -> DataError:
    return DataError(
        f"{file.file} labels the content of {what} as both {first} and {second}.",
        remedy="Decide for one of them.",
        code="contradicting_labels",
    )
