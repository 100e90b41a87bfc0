"""Answers by item, between a table and the files of other tools."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from topwork.data.images.image_size import image_size
from topwork.data.item import Item
from topwork.data.modality import modality_with
from topwork.data.tables.table_file import PATH, TEXT
from topwork.errors import BadItem, DataError
from topwork.labelling.annotation.answer_form import FORMS, AnswerForm, FormName, Value
from topwork.labelling.annotation.label_file import ENCODING, LabelFile


@dataclass(frozen=True, eq=False, slots=True)
class GivenAnswers:
    """Items with their answers.

    Parameters
    ----------
    form
        What an answer is.
    column
        What names an item: ``path`` or ``text``.
    values
        The answer of each item, by its path from the table or its text.
    notes
        What could not be taken over, in sentences.
    """

    form: AnswerForm
    column: str
    values: dict[str, Value]
    notes: list[str] = field(default_factory=list)

    @property
    def inline(self) -> bool:
        """Whether items are texts in the table itself."""
        return self.column == TEXT

    @property
    def names(self) -> list[str]:
        """All classes, sorted."""
        return sorted({name for value in self.values.values() for name in self.form.classes(value)})


def answers_in(table: Path) -> GivenAnswers:
    """The labels in a table that `topwork label` or anybody else has written.

    Raises
    ------
    DataError
        It has no column with items or none with labels.
    """
    header = _header(table)
    column = next((name for name in (PATH, TEXT) if name in header), None)
    form: FormName | None = "classes" if "label" in header else None
    if set(FORMS["boxes"].columns) <= header:
        form = "boxes"
    if column is None or form is None:
        raise DataError(
            f"{table} has no column with items and labels, but {', '.join(sorted(header)[:8])}.",
            remedy="Give a table with the columns path (or text) and label.",
            code="missing_column",
        )
    every = LabelFile(table, (column,), FORMS[form].columns).rows()
    if form == "classes" and any(";" in row["label"] for rows in every.values() for row in rows):
        form = "labels"
    answers = FORMS[form]
    values: dict[str, Value] = {
        cell.strip() if column == TEXT else cell.removeprefix("./"): value
        for cell, rows in every.items()
        if (value := answers.value(rows)) is not None
    }
    return GivenAnswers(answers, column, values)


def size_of(folder: Path, cell: str) -> tuple[int, int]:
    """Width and height of the image that a cell names, as it is shown.

    Raises
    ------
    DataError
        It can't be read.
    """
    item = Item(cell, folder / cell)
    try:
        return image_size(modality_with(PATH).read(item))
    except (BadItem, OSError) as error:
        raise DataError(
            f"The size of {folder / cell} is needed, and it can't be read: {error}",
            remedy="Put the image back, or remove its rows from the table.",
            code="unreadable_image",
        ) from error


def found_file(name: str, root: Path, by_name: dict[str, list[Path]]) -> Path | None:
    """The file that another tool named: by its path, or the only one with its last part."""
    direct = root / name.lstrip("/")
    if direct.is_file() and direct.resolve().is_relative_to(root.resolve()):
        return direct
    matches = by_name.get(name.replace("\\", "/").rsplit("/", 1)[-1], [])
    return matches[0] if len(matches) == 1 else None


def files_by_name(root: Path) -> dict[str, list[Path]]:
    """All files below a folder by the last part of their path."""
    found: dict[str, list[Path]] = {}
    for file in sorted(root.rglob("*")):
        if file.is_file():
            found.setdefault(file.name, []).append(file)
    return found


def _header(table: Path) -> set[str]:
    try:
        with table.open(encoding=ENCODING + "-sig", errors="surrogateescape", newline="") as stream:
            first: Sequence[str] = next(csv.reader(stream), [])
    except (OSError, csv.Error) as error:
        raise DataError(
            f"{table} can't be read: {error}", remedy="Give a CSV table.", code="unreadable_table"
        ) from error
    return {name.strip() for name in first}
