"""What the rest of topwork knows of one thing to be learnt from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np

    from topwork.data.preprocessing.tokenizing import Preparation

ModalityName = Literal["image", "text"]

Remark = Literal["first_page", "own_range", "common_range", "eight_bits"]
"""What of an item is read otherwise than its owner may think: only the first of several pages or
frames; more than 8 bits per channel, scaled by the image's own range or by that of the data set;
8 bits where the data set has more."""


@dataclass(frozen=True, slots=True)
class Item:
    """One image or text, on disk or in memory. Nothing is read before an `Modality` is asked to.

    Parameters
    ----------
    name
        What outputs call it: the path that opens the file from the current folder, that of a table
        with the line (``reviews.csv:3``), or ``item 3`` (its index in the list, from 0) for one in
        memory.
    path
        The file.
    value
        Where there is no file: a text, a PIL image, or an array of shape (h, w), (h, w, 1),
        (h, w, 3) or (h, w, 4).
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
        An image file's bytes, an array of pixels, or a text.
    """

    key: bytes
    data: bytes | np.ndarray | str


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

    @property
    def why(self) -> str:
        """The reason and what was seen, in one line."""
        return f"{self.reason}: {self.detail}" if self.detail else self.reason


class Modality(Protocol):
    """How items of one kind are read and turned into what a network takes."""

    @property
    def name(self) -> ModalityName:
        """The kind's name in outputs and keys, ``image`` or ``text``."""

    def read(self, item: Item) -> Content:
        """Read an item and name its content; raises `topwork.errors.BadItem`."""

    def decode(self, content: Content, preparation: Preparation) -> np.ndarray:
        """Give what a network takes; raises `topwork.errors.BadItem`.

        Of images uint8 (height, width, 3), of texts int32 (tokens,).
        """

    def cut_short(self, content: Content, preparation: Preparation) -> bool:
        """Whether the network won't see all of it, for its length."""

    def remarks(self, content: Content) -> tuple[Remark, ...]:
        """What of it is read otherwise than its owner may think."""

    def caption(self, item: Item) -> str:
        """Give one line's worth of words for an item: a text itself, a picture's name."""

    def show(self, content: Content) -> np.ndarray | str:
        """Give what a person looks at: a picture uint8 (h, w, 3), or a text."""
