"""What a map shows, as plain data."""

from __future__ import annotations

from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord


class MapResult(JsonObject):
    """A map that was drawn.

    Attributes
    ----------
    path
        The page.
    backbone
        The network whose features were mapped.
    n_items
        Points.
    n_thumbnails
        Images that the page holds; of the others it shows the name.
    coloured_by
        What the points can be coloured by, the first at first.
    rejected
        Items that could not be read.
    skipped, notes
        What in the data is no item, and how the data were read.
    """

    path: str
    backbone: str
    n_items: int
    n_thumbnails: int
    coloured_by: list[str]
    rejected: list[RejectedRecord]
    skipped: dict[str, int]
    notes: list[str]
