"""Names of columns that a model was fitted with, for the tables that it is given later."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from topwork.data.tables.table_file import PATH, TEXT

ALL: Final = ("*",)
"""All further columns of a table, in place of their names."""


@dataclass(frozen=True, slots=True)
class KnownColumns(Mapping[str, str]):
    """What the user calls columns; and behind it what a model knows, for tables that have those.

    As a mapping it is what the user said alone.

    Parameters
    ----------
    given
        The table's name for each of topwork's; a table must have these.
    known
        The same as a model was fitted with; a table may lack them.
    beside
        Further columns whose cells are kept with the items, by the table's names; ``ALL`` for all
        that nothing else is read from.
    needed
        Whether a table must have these.
    images
        Further columns of images; a table may lack some that a model was fitted with.
    several
        Whether a cell may name several images.
    fitted
        Whether all this is what a model knows.
    """

    given: Mapping[str, str]
    known: Mapping[str, str]
    beside: tuple[str, ...] = ()
    needed: bool = False
    images: tuple[str, ...] = ()
    several: bool = False
    fitted: bool = False

    def __getitem__(self, name: str) -> str:
        return self.given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)

    def __bool__(self) -> bool:
        """Whether the user said anything that only a table can have."""
        return bool(self.given) or self.needed

    def among(self, names: Collection[str]) -> dict[str, str]:
        """Those that are known, not given, and among a table's columns, in whatever capitals."""
        said = {PATH, TEXT} if self.given.keys() & {PATH, TEXT} else set()
        there = {name.lower() for name in names}
        return {
            ours: theirs
            for ours, theirs in self.known.items()
            if theirs.lower() in there and ours not in self.given and ours not in said
        }


def columns_as_fitted(
    known: Mapping[str, str],
    given: Mapping[str, str] | None = None,
    *,
    beside: tuple[str, ...] = (),
    images: tuple[str, ...] = (),
    several: bool = False,
) -> Mapping[str, str] | None:
    """What the user calls columns, beside what a model knows of their names.

    Parameters
    ----------
    beside
        Further columns that the model was fitted with.
    images, several
        Those of images, and whether it was fitted with several in one cell.

    Examples
    --------
    >>> columns_as_fitted({}, {"label": "kind"})
    {'label': 'kind'}
    >>> columns_as_fitted({"text": "body", "label": "mood"}).among(["body", "date"])
    {'text': 'body'}
    """
    if not (known or beside or images or several):
        return given
    return KnownColumns(given or {}, known, beside, images=images, several=several, fitted=True)


def further_columns(
    given: Mapping[str, str] | None,
    asked: tuple[str, ...] | None,
    *,
    images: tuple[str, ...] = (),
    several: bool = False,
) -> Mapping[str, str] | None:
    """What the user calls columns, with further ones to learn from.

    Parameters
    ----------
    asked
        Their names, which a table must have; None for all that there are.
    images
        Columns of images; the first is that of the items.
    several
        Whether a cell may name several images.

    Examples
    --------
    >>> further_columns({"label": "price"}, ("rooms",)).beside
    ('rooms',)
    """
    if asked == () and not images and not several:
        return given
    first = {PATH: images[0]} if images else {}
    return KnownColumns(
        {**(given or {}), **first},
        {},
        ALL if asked is None else asked,
        bool(asked),
        images[1:],
        several,
    )
