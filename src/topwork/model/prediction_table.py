"""Predictions of the items that could be read, as rows of one kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from itertools import islice
from typing import Any, ClassVar, Generic, TypeVar

from topwork.data import Rejected
from topwork.model.short_repr import html_table

Row = TypeVar("Row")

MAX_SHOWN = 20
"""Rows that a notebook shows."""


class PredictionTable(Generic[Row]):
    """A subclass says how each item is a row, and of which dataclass the rows are."""

    __slots__ = ()

    row: ClassVar[Any]
    kept: list[int]
    rejected: list[Rejected]

    def __iter__(self) -> Iterator[Row]:
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self.kept)

    def columns(self) -> dict[str, list[Any]]:
        """The same as columns, one for each field of a row."""
        rows = list(self)
        return {f.name: [getattr(row, f.name) for row in rows] for f in fields(self.row)}

    def _cells(self, row: Row) -> tuple[object, ...]:
        """What a notebook shows of a row."""
        return tuple(getattr(row, f.name) for f in fields(self.row))

    def _counts(self) -> str:
        """What is counted beside the items."""
        return ""

    def __repr__(self) -> str:
        counts = f"{len(self)} items, {self._counts()}{len(self.rejected)} rejected"
        return f"{type(self).__name__}({counts})"

    def _repr_html_(self) -> str:
        rows = [self._cells(row) for row in islice(self, MAX_SHOWN)]
        more = f"<p>And {len(self) - MAX_SHOWN} more.</p>" if len(self) > MAX_SHOWN else ""
        return html_table([f.name for f in fields(self.row)], rows) + more
