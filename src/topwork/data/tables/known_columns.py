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
    """

    given: Mapping[str, str]
    known: Mapping[str, str]
    beside: tuple[str, ...] = ()
    needed: bool = False

    def __getitem__(self, name: str) -> str:
        return self.given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)

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
) -> Mapping[str, str] | None:
    """What the user calls columns, beside what a model knows of their names.

    Parameters
    ----------
    beside
        Further columns that the model was fitted with.

    Examples
    --------
    >>> columns_as_fitted({}, {"label": "kind"})
    {'label': 'kind'}
    >>> columns_as_fitted({"text": "body", "label": "mood"}).among(["body", "date"])
    {'text': 'body'}
    """
    return KnownColumns(given or {}, known, beside) if known or beside else given


def further_columns(
    given: Mapping[str, str] | None, asked: tuple[str, ...] | None
) -> Mapping[str, str] | None:
    """What the user calls columns, with further ones to learn from.

    Parameters
    ----------
    asked
        Their names, which a table must have; None for all that there are.

    Examples
    --------
    >>> further_columns({"label": "price"}, ("rooms",)).beside
    ('rooms',)
    """
    if asked == ():
        return given
    return KnownColumns(given or {}, {}, ALL if asked is None else asked, asked is not None)
