"""Which words of a text an answer rests on: texts as `saliency` takes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.data import Preparation, Tokenizing, pieces_of
from topwork.diagnosis.saliency import Covering
from topwork.report import LONGEST_TEXT

MAX_WORDS = 80
"""Words that are left out of a text, one after the other."""


def shown_pieces(text: str) -> list[str]:
    """The beginning of a text, its words and what stands between them."""
    return pieces_of(text[:LONGEST_TEXT])


def words_among(pieces: list[str]) -> list[int]:
    """Positions of the words that are left out in turn."""
    return [i for i, piece in enumerate(pieces) if not piece.isspace()][:MAX_WORDS]


def leaving_out(preparation: Preparation) -> Covering[str]:
    """How words are covered: each is left out of the whole text, tokens ``(1 + p, t)``."""
    assert isinstance(preparation, Tokenizing)

    def covering(text: str) -> NDArray[np.int32]:
        pieces, rest = shown_pieces(text), text[LONGEST_TEXT:]
        without = ([*pieces[:i], *pieces[i + 1 :], rest] for i in words_among(pieces))
        texts = (text, *("".join(left) for left in without))
        return _side_by_side([preparation.tokens(one) for one in texts])

    return covering


def _side_by_side(tokens: list[NDArray[np.int32]]) -> NDArray[np.int32]:
    """Tokens of several texts, filled up to the longest: ``(m, t)``."""
    found = np.full((len(tokens), max(map(len, tokens))), -1, np.int32)
    for row, numbers in zip(found, tokens, strict=True):
        row[: len(numbers)] = numbers
    return found
