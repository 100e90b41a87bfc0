"""Texts as items: reading, naming and tokenizing them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, Self

import numpy as np

from topwork.data.files import read_file
from topwork.data.item import Content, Item, ModalityName, ModalityWords, Rejected, Remark
from topwork.data.limits import MAX_CHARACTERS
from topwork.data.preprocessing.feature_hashing import FeatureHashing
from topwork.data.preprocessing.shingling import Shingling
from topwork.data.preprocessing.tokenizing import Preparation, Tokenizing
from topwork.errors import BadItem

if TYPE_CHECKING:
    from topwork.data.appearance import Appearance

TEXT_EXTENSIONS: Final = frozenset((".txt",))

TEXT_VERSION: Final = "1"
"""Part of the store's keys: raise it whenever a token may change."""


@dataclass(frozen=True, slots=True)
class TextModality:
    """Texts in memory, in tables, and in ``.txt`` files of UTF-8. Thread-safe.

    Blanks around a text are no part of it, so that a line of a table and a file that ends in a new
    line are the same text.

    Examples
    --------
    >>> kind = TextModality()
    >>> a, b = (kind.read(Item("item 0", value=text)) for text in ("a fine film", "a fine film\\n"))
    >>> a.key == b.key, kind.show(a)
    (True, 'a fine film')
    """

    name: ClassVar[ModalityName] = "text"
    network: ClassVar[ModalityName] = "text"
    column: ClassVar[str] = "text"
    inline: ClassVar[bool] = True
    extensions: ClassVar[frozenset[str]] = TEXT_EXTENSIONS
    shows_objects: ClassVar[bool] = False
    adapts: ClassVar[bool] = False
    appearance: ClassVar[Appearance | None] = None
    words: ClassVar[ModalityWords] = ModalityWords(
        accepted="Give texts in UTF-8, or .txt files or tables with a column text.",
        example='"SOME TEXT"',
        origin="source",
        unrelated="sentences of many kinds",
        unit="tokens",
    )

    def with_appearance(self, appearance: Appearance) -> Self:  # noqa: ARG002
        """The same: nothing is decided about texts."""
        return self

    def unrelated(self) -> dict[str, list[Item]]:
        """Sentences of several kinds and languages."""
        from topwork.data.unrelated.sentences import SENTENCES

        return {
            kind: [Item(f"{kind} {number}", value=text) for number, text in enumerate(sentences)]
            for kind, sentences in SENTENCES.items()
        }

    def read(self, item: Item) -> Content:
        """Read an item once and name its content.

        Raises
        ------
        topwork.errors.BadItem
            With one of `topwork.data.REASONS`.
        """
        text = _text_of(item).strip()
        if not text:
            raise BadItem("no_text")
        if len(text) > MAX_CHARACTERS:
            raise BadItem("too_long", f"it has {len(text):,} characters")
        if "\0" in text:
            raise BadItem("nul", "in UTF-16, for example, every other byte is one")
        try:
            data = text.encode()
        except UnicodeEncodeError as error:  # half a character, or a byte that was no UTF-8
            raise BadItem("not_utf8", f"character {error.start + 1} is none") from error
        return Content(blake2b(data, digest_size=16, person=b"text").digest(), text)

    def decode(self, content: Content, preparation: Preparation) -> np.ndarray:
        """Give token numbers int32 (t,), filled up to one of few lengths, or a sketch (s,)."""
        if isinstance(preparation, Shingling):
            return preparation.sketch(_text_in(content))
        if isinstance(preparation, FeatureHashing):
            return preparation.row(_text_in(content))
        assert isinstance(preparation, Tokenizing)
        return preparation.tokens(_text_in(content))

    def cut_short(self, content: Content, preparation: Preparation) -> bool:
        """Whether the text has more tokens than are looked at."""
        return isinstance(preparation, Tokenizing) and preparation.cuts(_text_in(content))

    def remarks(self, content: Content) -> tuple[Remark, ...]:  # noqa: ARG002
        """None: a text is read as it is."""
        return ()

    def caption(self, item: Item) -> str:
        """Give the text itself; the item's name where it can't be read."""
        try:
            return self.show(self.read(item))
        except BadItem:
            return item.name

    def show(self, content: Content) -> str:
        """Give the text itself."""
        return _text_in(content)


def _text_in(content: Content) -> str:
    assert isinstance(content.data, str)
    return content.data


def _text_of(item: Item) -> str:
    if item.path is not None:
        return _read_text(item.path)
    if isinstance(item.value, str):
        return item.value
    if isinstance(item.value, Rejected):  # what a table could not take apart
        raise BadItem(item.value.reason, item.value.detail)
    raise BadItem("not_a_text", f"it is of type {type(item.value).__name__}")


def _read_text(path: Path) -> str:
    data = read_file(path)
    if len(data) > 4 * MAX_CHARACTERS:  # no character takes more bytes
        raise BadItem("too_long", f"it has {len(data):,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadItem("not_utf8", f"byte {error.start + 1} is none") from error
