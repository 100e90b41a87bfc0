"""What is to be labelled next, as plain data."""

from __future__ import annotations

from pydantic import BaseModel

from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord


class NextItem(BaseModel):
    """An item to label.

    Attributes
    ----------
    path
        What opens it from the current folder; of texts the file and the line.
    why
        A sentence.
    text
        Of texts, the text.
    """

    path: str
    why: str
    text: str | None = None


class NextResult(JsonObject):
    """Items to label, the most useful first.

    Attributes
    ----------
    items
        Which, and why.
    backbone
        The network whose features were used.
    n_items
        Items of different content.
    n_labelled
        Those of them that have a label.
    n_audit
        Those that are kept for measuring accuracy; nothing is chosen by their labels.
    classes
        Labels by class.
    out
        The table that was written.
    rejected
        Items that could not be read.
    skipped, notes
        What in the data is no item, and how the data were read.
    """

    items: list[NextItem]
    backbone: str
    n_items: int
    n_labelled: int
    n_audit: int
    classes: dict[str, int]
    out: str | None = None
    rejected: list[RejectedRecord]
    skipped: dict[str, int]
    notes: list[str]
