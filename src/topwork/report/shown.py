"""What people see of items: small images, or texts."""

from __future__ import annotations

import numpy as np

from topwork.data import Dataset
from topwork.errors import BadItem
from topwork.report.images import thumbnail_data_uri

LONGEST_TEXT = 500
"""Characters that are shown of a text."""


class Shown:
    """What people see of items, by name: small images, or texts."""

    def __init__(self, data: Dataset) -> None:
        self._kind = data.kind
        self._items = {item.name: item for item in data.items} if data.shows_images else {}

    def image(self, name: str) -> str | None:
        """A data URI; ``None`` for a text, and for an item that went away since it was read."""
        seen = self._seen(name)
        return thumbnail_data_uri(seen) if isinstance(seen, np.ndarray) else None

    def text(self, name: str) -> str | None:
        """The beginning of a text; ``None`` for an image."""
        seen = self._seen(name)
        if not isinstance(seen, str):
            return None
        return seen if len(seen) <= LONGEST_TEXT else f"{seen[:LONGEST_TEXT]} …"

    def _seen(self, name: str) -> np.ndarray | str | None:
        if name not in self._items:  # they are of patients
            return None
        try:
            return self._kind.show(self._kind.read(self._items[name]))
        except BadItem:
            return None
