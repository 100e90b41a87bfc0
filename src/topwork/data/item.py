"""What the rest of topwork knows of one thing to be learnt from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np

    from topwork.data.framing import Framing


@dataclass(frozen=True, slots=True)
class Item:
    """One image, on disk or in memory. Nothing is read before an `ItemKind` is asked to.

    Parameters
    ----------
    name
        What outputs call it: the path that opens the file from the current folder, or ``item 3``
        (its index in the list, from 0) for one in memory.
    path
        The file.
    value
        A PIL image or an array of shape (h, w), (h, w, 1), (h, w, 3) or (h, w, 4), where there is
        no file.
    """

    name: str
    path: Path | None = None
    value: object | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What was read of an item, once.

    Parameters
    ----------
    key
        16 bytes that name the content: equal for equal files, whatever they are called.
    data
        The file's bytes, or an array of pixels.
    """

    key: bytes
    data: bytes | np.ndarray


@dataclass(frozen=True, slots=True)
class Rejected:
    """One item that could not be read.

    Parameters
    ----------
    path
        The item's name.
    reason
        A code out of `topwork.data.REASONS`.
    detail
        What was seen, for people.
    """

    path: str
    reason: str
    detail: str = ""


class ItemKind(Protocol):
    """How items of one kind are read and turned into what a network takes."""

    @property
    def name(self) -> str:
        """The kind's name in outputs and keys."""

    def read(self, item: Item) -> Content:
        """Read an item and name its content; raises `topwork.errors.BadItem`."""

    def decode(self, content: Content, framing: Framing) -> np.ndarray:
        """Give uint8 (height, width, 3); raises `topwork.errors.BadItem`."""
