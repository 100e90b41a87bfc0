"""Sittings of the tests' own: few texts, or drawn pictures, without features."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from topwork.data import read_any
from topwork.labelling.annotation.answer_form import FORMS, FormName
from topwork.labelling.annotation.journal import SUFFIX, Journal
from topwork.labelling.annotation.label_file import LabelFile
from topwork.labelling.annotation.session import Sitting
from topwork.labelling.annotation.shown_items import ShownItems

TEXTS = tuple(f"text number {i}" for i in range(60))


def sitting_of(
    folder: Path,
    data: object = TEXTS,
    *,
    form: FormName = "classes",
    n_audit: int = 0,
    classes: Sequence[str] = (),
) -> Sitting:
    """A sitting that has read its items, its table and journal in a folder."""
    kind = "text" if isinstance(data, tuple) else "auto"
    found = read_any(list(data) if isinstance(data, tuple) else data, items=kind)
    items = ShownItems.of(found, folder)
    answers = FORMS[form]
    file = folder / "labels.csv"
    sitting = Sitting(
        items,
        answers,
        LabelFile(file, ("text" if found.kind.inline else "path",), answers.columns),
        Journal.opened(folder / (file.name + SUFFIX)),
        list(classes),
        n_audit=n_audit,
    )
    sitting.read(items.keys())
    return sitting


def answer(sitting: Sitting, value: Any, number: int | None = None, **more: Any) -> int:
    """Answer the item that is shown, or another one; its number."""
    number = sitting.state().next[0]["id"] if number is None else number
    sitting.answer([{"id": number, "value": value, **more}])
    return number
