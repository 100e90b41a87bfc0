"""What is written about classes: their names, or sentences that describe them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from topwork.data import ClassTargets, Dataset, Item
from topwork.data.modality import modality_with
from topwork.data.reading.given import existing
from topwork.data.tables.table_file import TEXT
from topwork.data.tables.table_files import is_table, open_table
from topwork.errors import DataError, ParameterError
from topwork.runtime.counted import counted

_SHARE: Final = 0.8
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")

ClassTexts = Mapping[int, Sequence[str]]
"""Texts about each class, by its code."""


def names_of(labels: Sequence[object]) -> list[str] | None:
    """Labels as texts; None where they are codes rather than words.

    Examples
    --------
    >>> names_of(["card_arrival", "lostCard", "exchange-rate"])
    ['card arrival', 'lost card', 'exchange rate']
    >>> names_of(["A1", "A2", "x"]) is names_of([0, 1, 2]) is None
    True
    """
    if not all(isinstance(label, str) for label in labels):
        return None
    told = [re.sub(r"[\s_./-]+", " ", _CAMEL.sub(" ", str(label))).strip() for label in labels]
    words = sum(bool(_WORD.search(name)) for name in told)
    if words < _SHARE * len(told) or not all(told):
        return None
    return [name.lower() for name in told]


def class_texts(
    labels: Sequence[object], descriptions: str | os.PathLike[str] | None
) -> ClassTexts | None:
    """What is written about classes; None where nothing is, and their labels are no words.

    Parameters
    ----------
    labels
        Of the classes.
    descriptions
        A table with the columns ``label`` and ``text``, one row or more per class; or lines of the
        form ``label: text``. Names are used where it is not given.

    Raises
    ------
    DataError
        A class is not described, or one that does not exist is.
    """
    if descriptions is None:
        names = names_of(labels)
        return None if names is None else {code: [name] for code, name in enumerate(names)}
    told = _read(existing(descriptions))
    known = {str(label): code for code, label in enumerate(labels)}
    missing = [label for label in known if label not in told]
    if missing:
        raise DataError(
            f"{descriptions} does not describe {counted(len(missing), 'class', 'classes')}: "
            f"{', '.join(missing[:5])}.",
            remedy="Add a line for each class: its label, and a sentence.",
            code="not_described",
        )
    unknown = [label for label in told if label not in known]
    if unknown:
        raise DataError(
            f"{descriptions} describes {', '.join(unknown[:5])}, which no item is labelled with.",
            remedy=f"The classes are {', '.join(list(known)[:10])}.",
            code="unknown_class",
        )
    return {known[label]: texts for label, texts in told.items()}


def items_of_names(
    names: Sequence[str], descriptions: str | os.PathLike[str] | None = None
) -> Dataset:
    """What is written about classes as texts with labels, to learn from where nothing else has one.

    Raises
    ------
    ParameterError
        There are fewer than two classes, or their names are no words.

    Examples
    --------
    >>> items_of_names(["lost card", "exchange rate"]).classes.labels
    ('exchange rate', 'lost card')
    """
    labels = tuple(sorted(dict.fromkeys(names)))
    if len(labels) < 2:
        raise ParameterError(
            "Texts are told apart by two classes or more.",
            remedy="Name them all: --classes sports,politics,weather.",
            code="too_few_classes",
        )
    told = class_texts(labels, descriptions)
    if told is None:
        raise ParameterError(
            f"Without any label, a class is known by its name alone, and {labels[0]} is no word.",
            remedy="Describe each class in a sentence with --describe FILE, or label some items: "
            "topwork label DATA.",
            code="no_words",
        )
    pairs = [(code, text) for code in sorted(told) for text in told[code]]
    items = [Item(labels[code], value=text) for code, text in pairs]
    targets = ClassTargets(np.array([code for code, _ in pairs], np.int64), labels)
    return Dataset(items, targets, kind=modality_with(TEXT), source="the names of the classes")


def _read(file: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for label, text in _rows(file):
        if label and text:
            found.setdefault(label, []).append(text)
    return found


def _rows(file: Path) -> list[tuple[str, str]]:
    if is_table(file):
        table = open_table(file, None)[0]
        missing = [name for name in ("label", TEXT) if name not in table.names]
        if missing:
            raise DataError(
                f"{file} has no column {missing[0]}.",
                remedy="Give a table with the columns label and text, a sentence per class.",
                code="missing_column",
            )
        cells = zip(table.column("label"), table.column(TEXT), strict=True)
        return [((label or "").strip(), (text or "").strip()) for label, text in cells]
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeError) as error:
        raise DataError(
            f"{file} can't be read: {error}",
            remedy="Give a table with the columns label and text.",
            code="unreadable_table",
        ) from error
    parted = [line.partition(":") for line in lines if line.strip()]
    if not parted or not all(colon for _, colon, _ in parted):
        raise DataError(
            f"{file} has lines without a colon between label and sentence.",
            remedy="Write a line per class, such as: lost card: The card is gone or stolen.",
            code="bad_descriptions",
        )
    return [(label.strip(), text.strip()) for label, _, text in parted]
