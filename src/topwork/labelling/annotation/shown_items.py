"""The items that are labelled: what names them in the table, and what people see of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, Framing, Item, Modality
from topwork.data.images.image_size import image_size
from topwork.data.tables.cells import inert, inert_path
from topwork.errors import BadItem, DataError

_QUALITY: Final = 90
_READERS: Final = 4


class Shown(Protocol):
    """What is asked about, and what names it in the table."""

    @property
    def kind(self) -> Modality:
        """What is looked at."""

    @property
    def cells(self) -> tuple[str, ...]:
        """What names each in the table; several cells are joined."""

    def __len__(self) -> int: ...

    def keys(self, told: Callable[[int], None] = ...) -> list[bytes | None]:
        """The content key of each, ``None`` of those that can't be read."""

    def row_of(self, cell: str, by_key: Mapping[bytes, int]) -> int | None:
        """The one that a cell of a table names."""

    def key_of(self, row: int) -> bytes | None:
        """The content key of one."""

    def item(self, row: int) -> Item:
        """The item itself; of a pair the first."""

    def texts(self, row: int) -> tuple[str, ...]:
        """What is written of it, one text for each part."""

    def image(self, row: int, longest: int | None, part: int = 0) -> bytes:
        """The image of a part, as JPEG; raises `topwork.errors.BadItem`."""


@dataclass(frozen=True, eq=False, slots=True)
class ShownItems:
    """Items of a data set as a page shows them and a table names them, one by one.

    Parameters
    ----------
    data
        The items.
    folder
        That of the table: paths in it start there.
    cells
        The cell that names each item.
    places
        The first item of each cell.
    """

    data: Dataset
    folder: Path
    cells: tuple[str, ...]
    places: Mapping[str, int] = field(repr=False)

    @classmethod
    def of(cls, data: Dataset, folder: Path) -> ShownItems:
        """Those of a data set.

        Raises
        ------
        DataError
            An item is neither a file of its own nor a text.
        """
        cells = tuple(_cell(data, item, folder) for item in data.items)
        places: dict[str, int] = {}
        for row, cell in enumerate(cells):
            places.setdefault(cell, row)
        return cls(data, folder, cells, places)

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def kind(self) -> Modality:
        """What is looked at."""
        return self.data.kind

    def item(self, row: int) -> Item:
        """The item itself."""
        return self.data.items[row]

    def key_of(self, row: int) -> bytes | None:
        """The content key of one."""
        return self._key(self.data.items[row])

    def keys(self, told: Callable[[int], None] = lambda _: None) -> list[bytes | None]:
        """The content key of each, ``None`` of those that can't be read."""
        done = 0

        def key(item: Item) -> bytes | None:
            nonlocal done
            done += 1
            told(done)
            return self._key(item)

        with ThreadPoolExecutor(_READERS) as readers:
            return list(readers.map(key, self.data.items))

    def row_of(self, cell: str, by_key: Mapping[bytes, int]) -> int | None:
        """The item that a cell of a table names: by its own cell, by its path, or by content."""
        if (row := self.places.get(cell)) is not None:
            return row
        if self.data.kind.inline:
            item = Item(cell, value=cell)
        else:
            path = self.folder / cell
            if not path.is_file():
                path = Path(cell)
            if (row := self.places.get(_relative(path, self.folder))) is not None:
                return row
            item = Item(cell, path)
        key = self._key(item)
        return None if key is None else by_key.get(key)

    def texts(self, row: int) -> tuple[str, ...]:
        """What is written below an item: a text itself, the path of an image."""
        item = self.data.items[row]
        return (self.data.kind.caption(item) if self.data.kind.inline else item.name,)

    def image(self, row: int, longest: int | None, part: int = 0) -> bytes:  # noqa: ARG002
        """An image, upright, at most so many pixels long if that is limited, as JPEG.

        Raises
        ------
        BadItem
            It can't be read.
        """
        from PIL.Image import fromarray

        image = fromarray(self._pixels(row, longest))
        stream = BytesIO()
        image.save(stream, "JPEG", quality=_QUALITY)
        return stream.getvalue()

    def _pixels(self, row: int, longest: int | None) -> NDArray[np.uint8]:
        kind = self.data.kind
        content = kind.read(self.data.items[row])
        width, height = image_size(content)
        scale = min(1.0, (longest or width + height) / max(width, height))
        framing = Framing(max(1, round(height * scale)), max(1, round(width * scale)))
        return np.asarray(kind.decode(content, framing), np.uint8)

    def _key(self, item: Item) -> bytes | None:
        try:
            return self.data.kind.read(item).key
        except (BadItem, OSError):
            return None


def firsts(keys: Sequence[bytes | None]) -> dict[bytes, int]:
    """The first row of each content.

    Examples
    --------
    >>> firsts([b"a", None, b"b", b"a"])
    {b'a': 0, b'b': 2}
    """
    found: dict[bytes, int] = {}
    for row, key in enumerate(keys):
        if key is not None:
            found.setdefault(key, row)
    return found


def _cell(data: Dataset, item: Item, folder: Path) -> str:
    if data.kind.inline:
        return inert(data.kind.caption(item))
    if item.path is None or item.frame is not None:
        raise DataError(
            f"{item.name} is no file of its own: a table of labels can't name it.",
            remedy="Save each image as a file.",
            code="no_file",
        )
    return inert_path(_relative(item.path, folder))


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # on another drive
        return path.resolve().as_posix()
