"""What the rest of topwork knows of one thing to be learnt from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol, Self, TypeAlias

if TYPE_CHECKING:
    import numpy as np

    from topwork.data.appearance import Appearance
    from topwork.data.preprocessing.tokenizing import Preparation

ModalityName: TypeAlias = str
"""One of `topwork.data.MODALITIES`, which is the one list of them: ``image`` or ``text``."""

Remark = Literal["middle_slice", "first_page", "own_range", "common_range", "eight_bits"]
"""What of an item is read otherwise than its owner may think: only the first of several pages or
frames; more than 8 bits per channel, scaled by the image's own range or by that of the data set;
8 bits where the data set has more."""


SAME_CELL: Final = ""
"""In place of the name of a column: the cell that names the item itself."""


@dataclass(frozen=True, slots=True)
class Item:
    """One image or text, on disk or in memory. Nothing is read before a `Modality` is asked to.

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
    beside
        Cells of further columns of its row of a table, by their names, where they were asked for.
    frame
        Which of several frames of a medical file, from 0; None for a file as a whole.
    images
        Further images of its row of a table by the names of their columns; of several in one cell
        all but the first by ``SAME_CELL``.
    """

    name: str
    path: Path | None = None
    value: object | None = None
    beside: Mapping[str, str | None] | None = field(default=None, compare=False, repr=False)
    frame: int | None = None
    images: Mapping[str, tuple[Item, ...]] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Content:
    """What was read of an item, once.

    Parameters
    ----------
    key
        16 bytes that name the content: equal for equal files, whatever they are called.
    data
        An image file's bytes, an array of pixels, or a text.
    frame
        Which of several frames of a medical file, from 0; None for a file as a whole.
    """

    key: bytes
    data: bytes | np.ndarray | str
    frame: int | None = None


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


@dataclass(frozen=True, slots=True)
class ModalityWords:
    """How items of one modality are spoken of.

    Parameters
    ----------
    accepted
        What to give where nothing could be read: a sentence.
    example
        An item on a command line.
    origin
        What items differ by that were taken or written elsewhere, such as ``camera``.
    unrelated
        What its unrelated items are.
    unit
        What the size of a network's input is counted in.
    """

    accepted: str
    example: str
    origin: str
    unrelated: str
    unit: str


class Modality(Protocol):
    """What is particular to items of one modality: how they lie in data, and how they are read."""

    @property
    def name(self) -> ModalityName:
        """The modality's name in outputs and keys, ``image`` or ``text``."""

    @property
    def words(self) -> ModalityWords:
        """How its items are spoken of."""

    @property
    def network(self) -> ModalityName:
        """The modality that the networks were made for which its items are prepared for."""

    @property
    def column(self) -> str:
        """Of a table, where its items are."""

    @property
    def inline(self) -> bool:
        """Whether a string is an item itself; otherwise it is the path of one."""

    @property
    def extensions(self) -> frozenset[str]:
        """Of its files, in lower case."""

    @property
    def shows_objects(self) -> bool:
        """Whether files beside its items may say where objects are in them."""

    @property
    def adapts(self) -> bool:
        """Whether a model for a new domain is proposed where its items look different."""

    @property
    def appearance(self) -> Appearance | None:
        """What was decided for a data set about how it is decoded; ``None`` if nothing can be."""

    def with_appearance(self, appearance: Appearance) -> Self:
        """The same with another decision, where there is one."""

    def unrelated(self) -> Mapping[str, list[Item]]:
        """Items that no class is about, by what they are."""

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
        """Give one line's worth of words for an item: a text itself, an image's name."""

    def show(self, content: Content) -> np.ndarray | str:
        """Give what a person looks at: an image uint8 (h, w, 3), or a text."""
