"""What a search found, as plain data."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord


class Hit(BaseModel):
    """One item that was found.

    Attributes
    ----------
    path
        The item's name: its path, or the table with the line.
    similarity
        Cosine of its features with those of the query, -1 to 1.
    text
        The text itself; ``None`` for images.
    copies
        Other items that show or say the same; each would be a result of its own.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    similarity: float
    text: str | None = None
    copies: list[str] = []


class SearchResult(JsonObject):
    """The items nearest to a query.

    Attributes
    ----------
    query
        The query's path, or the text.
    backbone
        The network whose features are compared.
    n_items
        Items that were searched.
    exact
        Whether the nearest were found for certain; an index finds nearly all of them.
    query_in_data
        Whether the query itself is one of the items; it is left out unless it was asked for.
    results
        Nearest first.
    rejected
        Items that could not be read.
    skipped, notes
        What in the data is no item, and how the data were read.
    """

    query: str
    backbone: str
    n_items: int
    exact: bool
    query_in_data: bool
    results: list[Hit]
    rejected: list[RejectedRecord]
    skipped: dict[str, int]
    notes: list[str]
