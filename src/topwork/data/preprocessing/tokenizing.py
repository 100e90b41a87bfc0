"""How a text of any length becomes the tokens that a network takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Protocol, TypeAlias

import numpy as np

from topwork.data.preprocessing.feature_hashing import FeatureHashing
from topwork.data.preprocessing.framing import Framing
from topwork.data.preprocessing.shingling import Shingling
from topwork.data.preprocessing.words import vocabulary_in
from topwork.errors import DataError, ParameterError
from topwork.installation import install_extra

BUCKETS: Final = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
"""Lengths, in tokens, that texts are filled up to, so that few of them make whole batches."""

FILLING: Final = -1
"""Stands behind the tokens of a text; no token has this number."""

_STEP: Final = 256


@dataclass(frozen=True, slots=True)
class Tokenizing:
    """The tokens of a text and how many of them are looked at.

    Parameters
    ----------
    digest
        Names the tokenizer.
    max_length
        Tokens that are kept of a text, those included that the tokenizer adds.
    tokenizer
        What ``tokenizer.json`` holds, or a `topwork.data.Vocabulary` as JSON. It isn't compared:
        ``digest`` stands for it.
    windows
        How many windows of ``max_length`` tokens are kept of a text. With more than one, each is
        filled up to ``max_length``.

    Raises
    ------
    topwork.errors.ParameterError
        If a text would have no token.
    """

    digest: str
    max_length: int
    tokenizer: str = field(default="", compare=False, repr=False)
    windows: int = 1

    def __post_init__(self) -> None:
        if self.max_length < 1:
            raise ParameterError(
                f"max_length must be at least 1, but is {self.max_length}.",
                remedy="Give the number of tokens that the network takes, such as 256.",
            )

    def tokens(self, text: str) -> np.ndarray:
        """The token numbers of a text, cut to ``max_length`` and filled up to a bucket: int32."""
        ready = _ready(self)
        if isinstance(ready, _Subwords) and self.windows > 1:
            return ready.by_windows(text)
        numbers = ready.numbers(text)[: self.max_length]
        out = np.full(bucket(len(numbers)), FILLING, np.int32)
        out[: len(numbers)] = numbers
        return out

    def cuts(self, text: str) -> bool:
        """Whether a part of a text is not looked at."""
        return _ready(self).cuts(text)


Preparation: TypeAlias = Framing | Tokenizing | Shingling | FeatureHashing
"""How an item is looked at: an image is framed, a text is cut into tokens, shingles or words."""


def bucket(length: int) -> int:
    """The length that a text of so many tokens is filled up to.

    Examples
    --------
    >>> bucket(3), bucket(33), bucket(600)
    (8, 48, 768)
    """
    return next((b for b in BUCKETS if b >= length), -(-length // _STEP) * _STEP)


class _Tokenizer(Protocol):
    """What gives the numbers of a text; it may be asked by several threads at a time."""

    def numbers(self, text: str) -> list[int]: ...

    def cuts(self, text: str) -> bool: ...


class _Subwords:
    """A tokenizer of the tokenizers library."""

    def __init__(self, tokenizer: str, max_length: int, windows: int) -> None:
        self._tokenizer = _parsed(tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=max_length)
        self._max_length = max_length
        self._windows = windows

    def numbers(self, text: str) -> list[int]:
        found: list[int] = self._tokenizer.encode(text).ids
        return found

    def cuts(self, text: str) -> bool:
        # of ASCII no token stands for less than a character, a few apart that are added
        if text.isascii() and len(text) + 4 <= self._max_length:
            return False
        return len(self._tokenizer.encode(text).overflowing) >= self._windows

    def by_windows(self, text: str) -> np.ndarray:
        """Of a text window by window, each with the tokens that the tokenizer adds: int32."""
        first = self._tokenizer.encode(text)
        found = [first, *first.overflowing][: self._windows]
        out = np.full((len(found), self._max_length), FILLING, np.int32)
        for row, window in zip(out, found, strict=True):
            row[: len(window.ids)] = window.ids
        return out.ravel()


@lru_cache(maxsize=8)
def _ready(tokenizing: Tokenizing) -> _Tokenizer:
    """The tokenizer, made once."""
    words = vocabulary_in(tokenizing.tokenizer)
    if words is not None:
        return words
    return _Subwords(tokenizing.tokenizer, tokenizing.max_length, tokenizing.windows)


def _parsed(text: str) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise DataError(
            "Texts need the package tokenizers, which is not installed.",
            remedy=install_extra("text"),
            code="missing_extra",
        ) from error
    try:
        return Tokenizer.from_str(text)
    except Exception as error:  # the library raises what comes
        raise DataError(
            "The tokenizer cannot be read: it is not what the tokenizers library writes.",
            remedy="Give a model whose folder holds a tokenizer.json.",
            code="bad_tokenizer",
        ) from error
