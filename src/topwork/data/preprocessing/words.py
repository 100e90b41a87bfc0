"""The words of a text, and the numbers that stand for them and for pairs of them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from functools import cached_property
from itertools import chain, pairwise
from typing import Final

MAX_GRAMS: Final = 4096
"""Different words and pairs that are looked at of a text."""

_FORM: Final = "words and pairs 1"
"""Says what a vocabulary is one of; raise its number whenever a word may change."""

_UNSPACED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_MARKS: Final = "\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0900-\u0dff"
_SILENT: Final = "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"

# a letter of a script that puts no blanks between words, a run of letters, or a sign that says
# something, such as an emoji or a currency
_WORD: Final = re.compile(
    f"[{_UNSPACED}]|(?:(?![{_UNSPACED}])[\\w{_MARKS}])+|[^\\w\\s!-/:-@\\[-`{{-~{_SILENT}]"
)

_PIECE: Final = re.compile(f"[{_UNSPACED}]|(?:(?![{_UNSPACED}])\\S)+")


def pieces_of(text: str) -> list[str]:
    """A text cut before and behind its words, marks that touch them included; nothing is lost.

    Examples
    --------
    >>> pieces_of("not good, at all"), "".join(pieces_of("好的 a"))
    (['not', ' ', 'good,', ' ', 'at', ' ', 'all'], '好的 a')
    """
    ends = [0]
    for found in _PIECE.finditer(text):
        ends += found.span()
    return [text[a:b] for a, b in pairwise([*ends, len(text)]) if a < b]


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, one a letter where a script knows no blanks.

    Examples
    --------
    >>> words_of("Order AB-1234: 好 👍")
    ['order', 'ab', '1234', '好', '👍']
    """
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def grams_of(text: str) -> list[str]:
    """Its different words and pairs of neighbours, in the order in which they come.

    Examples
    --------
    >>> grams_of("not good, not bad")
    ['not', 'good', 'not good', 'good not', 'bad', 'not bad']
    """
    words = words_of(text)
    pairs = (f"{a} {b}" for a, b in pairwise(words))
    each = chain(words[:1], *zip(words[1:], pairs, strict=True))
    return list(dict.fromkeys(each))[:MAX_GRAMS]


class Vocabulary:
    """Words and pairs with a number each, from 1; 0 stands for none.

    Parameters
    ----------
    grams
        As `grams_of` gives them.

    Examples
    --------
    >>> Vocabulary(["good", "not good"]).numbers("Not good at all")
    [1, 2]
    """

    def __init__(self, grams: Sequence[str]) -> None:
        self.grams = tuple(grams)

    def __len__(self) -> int:
        return len(self.grams)

    def numbers(self, text: str) -> list[int]:
        """The numbers of those that a text holds, each once."""
        place = self.places
        return [place[gram] for gram in grams_of(text) if gram in place]

    def cuts(self, text: str) -> bool:
        """Whether a part of a text is not looked at."""
        return len(text) > MAX_GRAMS and len(grams_of(text)) == MAX_GRAMS

    def written(self) -> str:
        """The vocabulary as JSON, to lie where a tokenizer lies."""
        return json.dumps({"form": _FORM, "grams": self.grams}, ensure_ascii=False)

    @cached_property
    def places(self) -> dict[str, int]:
        """The number of each."""
        return {gram: number for number, gram in enumerate(self.grams, start=1)}


def vocabulary_in(tokenizer: str) -> Vocabulary | None:
    """The vocabulary that `Vocabulary.written` wrote; ``None`` for what others wrote."""
    if not tokenizer.startswith(json.dumps({"form": _FORM})[:-1]):
        return None
    return Vocabulary(json.loads(tokenizer)["grams"])
