"""Names of columns that a model was fitted with, for the tables that it is given later."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from topwork.data.tables.table_file import PATH, TEXT


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
    """

    given: Mapping[str, str]
    known: Mapping[str, str]

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
    known: Mapping[str, str], given: Mapping[str, str] | None = None
) -> Mapping[str, str] | None:
    """What the user calls columns, beside what a model knows of their names.

    Examples
    --------
    >>> columns_as_fitted({}, {"label": "kind"})
    {'label': 'kind'}
    >>> columns_as_fitted({"text": "body", "label": "mood"}).among(["body", "date"])
    {'text': 'body'}
    """
    return KnownColumns(given or {}, known) if known else given
