"""What a network expects to see: images, or the tokens of texts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias


@dataclass(frozen=True, slots=True)
class InputSpec:
    """Images.

    Parameters
    ----------
    height, width
        Pixels.
    mean, std
        Of the red, green and blue channel, for values scaled to 0..1.
    interpolation
        The resize kernel that the weights were trained with.
    crop_fraction
        The part of the shorter side that a centre crop keeps.
    """

    height: int
    width: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: str = "bicubic"
    crop_fraction: float = 0.875

    takes: ClassVar[str] = "image"
    tokenized: ClassVar[bool] = False
    element: ClassVar[str] = "u8"

    @property
    def size(self) -> tuple[int, ...]:
        """What its size is called by: height and width."""
        return (self.height, self.width)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one item, -1 where it may be any number."""
        return (self.height, self.width, 3)

    @property
    def largest(self) -> tuple[int, ...]:
        """The same of the largest item."""
        return self.shape


@dataclass(frozen=True, slots=True)
class TokenInput:
    """Token numbers ``(b, t)`` int32, filled up with -1 behind each text.

    Parameters
    ----------
    digest
        Names the tokenizer.
    max_length
        Tokens of a text that the network looks at; of each window of it where there are several.
    vocabulary
        How many different tokens there are.
    windows
        How many windows of a text are looked at, at most; all of them have ``max_length`` tokens
        where they may be several.
    tokenizer
        What ``tokenizer.json`` holds. It isn't compared: ``digest`` stands for it.
    """

    digest: str
    max_length: int
    vocabulary: int
    tokenizer: str = field(default="", compare=False, repr=False)
    windows: int = 1

    takes: ClassVar[str] = "text"
    tokenized: ClassVar[bool] = True
    element: ClassVar[str] = "i32"

    @property
    def size(self) -> tuple[int, ...]:
        """What its size is called by: tokens of a window."""
        return (self.max_length,)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one item, -1 where it may be any number."""
        return (-1,)

    @property
    def largest(self) -> tuple[int, ...]:
        """The same of the largest item."""
        return (self.max_length * self.windows,)


Input: TypeAlias = InputSpec | TokenInput


def token_input(tokenizer: str, *, max_length: int, vocabulary: int) -> TokenInput:
    """Tokens of a tokenizer that is given as JSON.

    Examples
    --------
    >>> token_input("{}", max_length=256, vocabulary=30522).max_length
    256
    """
    digest = hashlib.blake2b(tokenizer.encode(), digest_size=16).hexdigest()
    return TokenInput(digest, max_length, vocabulary, tokenizer)
