"""The labels that are known so far, out of a table with the columns path (or text) and label."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, Modality, read
from topwork.data.reading.given import existing
from topwork.data.tables.table_files import is_table, open_table
from topwork.errors import BadItem, DataError, ParameterError
from topwork.runtime.counted import counted


@dataclass(frozen=True, eq=False, slots=True)
class KnownLabels:
    """Labels of n items.

    Parameters
    ----------
    codes
        The class of each, (n,); −1 where it has no label.
    labels
        Of each class, sorted.
    notes
        Sentences about how they were read.
    """

    codes: NDArray[np.int64]
    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """Labels by class.

        Examples
        --------
        >>> KnownLabels(np.array([0, -1, 0]), ("cat",)).counts()
        {'cat': 2}
        """
        found = np.bincount(self.codes[self.codes >= 0], minlength=len(self.labels))
        return dict(zip(self.labels, found.tolist(), strict=True))


def labels_in(
    table: str | os.PathLike[str],
    keys: Sequence[bytes],
    kind: Modality,
    *,
    beside: Path | None = None,
    columns: Mapping[str, str] | None = None,
) -> KnownLabels:
    """The labels that a table has for items, told by what these hold, not by where they lie.

    Parameters
    ----------
    table
        With a column label, and path or text. A row without a label counts as none.
    keys
        The content key of each of the n items.
    kind
        What the items are.
    beside
        A folder that paths may start from, besides the table's own and the current one.
    columns
        Other names of its columns, as in `topwork.read`.

    Raises
    ------
    ParameterError
        It is no table.
    DataError
        It can't be read, has no such column, or gives one content two labels.
    """
    path = existing(table)
    if not is_table(path):
        raise ParameterError(
            f"The labels are to be a table, but {path} is none.",
            remedy="Give a CSV file with the columns path and label.",
        )
    if not len(open_table(path, None)[0].lines):
        return KnownLabels(np.full(len(keys), -1), notes=(f"{path} has no labels yet.",))
    found = _read(path, kind, beside, columns)
    assert found.classes is not None, "a table without labels is refused"
    places = {key: place for place, key in enumerate(keys)}
    given: dict[int, str] = {}
    elsewhere = 0
    for item, value in zip(found.items, found.classes.values(), strict=True):
        try:
            place = places.get(kind.read(item).key)
        except (BadItem, OSError):
            place = None
        if place is None:
            elsewhere += 1
            continue
        label = str(value)
        if given.setdefault(place, label) != label:
            raise DataError(
                f"{path} labels the content of {item.name} as both {given[place]} and {label}.",
                remedy="Decide for one of them.",
                code="contradicting_labels",
            )
    labels = tuple(sorted(set(given.values())))
    codes = np.full(len(keys), -1)
    for place, label in given.items():
        codes[place] = labels.index(label)
    notes = list(found.hints)
    if elsewhere:
        notes.append(
            f"{counted(elsewhere, kind.name)} in {path} can't be found among the data: "
            "their labels were not used."
        )
    return KnownLabels(codes, labels, tuple(notes))


def _read(
    path: Path, kind: Modality, beside: Path | None, columns: Mapping[str, str] | None
) -> Dataset:
    """Paths start from the table's own folder, the current one, or the data's."""
    roots: list[Path | None] = [None]
    if not kind.inline:
        roots += [Path(), *([beside] if beside is not None and beside.is_dir() else [])]
    first: DataError | None = None
    for root in roots:
        try:
            return read(
                path,
                split="all",
                items=kind.name,
                columns=columns,
                root=root,
                skip_unlabelled=True,
                task="classes",
            )
        except DataError as error:
            first = first or error
    assert first is not None
    raise first
