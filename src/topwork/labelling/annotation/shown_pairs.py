"""Pairs of items of which somebody says whether they belong together."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from topwork.data import MODALITIES, Dataset, Item, Modality
from topwork.data.modality import modality_with
from topwork.data.tables.table_file import PATH, TEXT
from topwork.errors import DataError
from topwork.labelling.annotation.label_file import BETWEEN, ENCODING
from topwork.labelling.annotation.shown_items import ShownItems

FIRST: Final = "first"
SECOND: Final = "second"
SAME: Final = "same"


@dataclass(frozen=True, eq=False, slots=True)
class ShownPairs:
    """The pairs of a table with the columns ``first``, ``second`` and ``same``.

    Parameters
    ----------
    cells
        Both cells of each pair, joined.
    sides
        The first ones and the second ones.
    """

    cells: tuple[str, ...]
    sides: tuple[ShownItems, ShownItems]

    @classmethod
    def read(cls, table: Path, kind: str) -> ShownPairs:
        """Those that ``topwork cluster --audit`` wrote.

        Raises
        ------
        DataError
            There are none.
        """
        with table.open(encoding=ENCODING + "-sig", errors="surrogateescape", newline="") as stream:
            rows = list(csv.DictReader(stream))
        pairs = [(row[FIRST] or "", row[SECOND] or "") for row in rows]
        if not pairs:
            raise DataError(
                f"{table} has no pairs.",
                remedy="topwork cluster DATA --audit 60 draws some.",
                code="no_pairs",
            )
        column = PATH if _place(table, pairs[0][0]).is_file() else TEXT
        modality = modality_with(column) if kind == "auto" else MODALITIES[kind]
        sides = [
            ShownItems.of(
                Dataset(
                    [_item(table, modality, cell) for cell in cells],
                    kind=modality,
                    source=str(table),
                ),
                table.resolve().parent,
            )
            for cells in zip(*pairs, strict=True)
        ]
        return cls(tuple(BETWEEN.join(pair) for pair in pairs), (sides[0], sides[1]))

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def kind(self) -> Modality:
        """What is looked at."""
        return self.sides[0].kind

    def keys(self, told: Callable[[int], None] = lambda _: None) -> list[bytes | None]:
        """A key of both contents, ``None`` where one can't be read."""
        first, second = (side.keys(told) for side in self.sides)
        return [
            None if a is None or b is None else blake2b(a + b, digest_size=16).digest()
            for a, b in zip(first, second, strict=True)
        ]

    def key_of(self, row: int) -> bytes | None:
        """That of one pair."""
        first, second = (side.key_of(row) for side in self.sides)
        if first is None or second is None:
            return None
        return blake2b(first + second, digest_size=16).digest()

    def item(self, row: int) -> Item:
        """The first of both."""
        return self.sides[0].item(row)

    def row_of(self, cell: str, by_key: Mapping[bytes, int]) -> int | None:  # noqa: ARG002
        """The pair of both cells."""
        return self.cells.index(cell) if cell in self.cells else None

    def texts(self, row: int) -> tuple[str, ...]:
        """What is written of both."""
        return tuple(text for side in self.sides for text in side.texts(row))

    def image(self, row: int, longest: int | None, part: int = 0) -> bytes:
        """The image of one of both."""
        return self.sides[part].image(row, longest)


def holds_pairs(table: Path) -> bool:
    """Whether a table has pairs to judge."""
    if table.suffix.lower() != ".csv" or not table.is_file():
        return False
    with table.open(encoding=ENCODING + "-sig", errors="surrogateescape", newline="") as stream:
        return {FIRST, SECOND, SAME} <= set(next(csv.reader(stream), []))


def _item(table: Path, kind: Modality, cell: str) -> Item:
    if kind.inline:
        return Item(cell, value=cell.strip())
    place = _place(table, cell)
    return Item(str(place), place)


def _place(table: Path, cell: str) -> Path:
    """Paths of such a table start from the current folder, or else from its own."""
    try:
        return Path(cell) if Path(cell).is_file() else table.parent / cell
    except OSError:  # a text that is too long for a name
        return table.parent
