"""Where the model fails."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.metrics.records import Record, Score
from topwork.report.images import DataUri


class Slice(Record):
    """Items that have something in common.

    Attributes
    ----------
    p_value
        That the slice differs from the rest, corrected for the number of slices looked at.
    flagged
        Whether it is worse than the rest beyond chance.
    """

    name: str
    n: int
    score: Score
    p_value: float | None = None
    flagged: bool = False


class Piece(Record):
    """A word of a text, or what stands between two.

    Attributes
    ----------
    level
        From 0, the answer doesn't rest on it, to `LEVELS`.
    """

    text: str
    level: int = 0


LEVELS: Final = 4
"""Strengths in which words are marked."""


def piece_levels(values: NDArray[np.floating]) -> list[int]:
    """The level of each word by what it is worth ``(p,)``, the most of them being `LEVELS`.

    Examples
    --------
    >>> piece_levels(np.array([0.0, 0.1, 1.0, 2.0]))
    [0, 0, 2, 4]
    """
    largest = max(float(np.max(values, initial=0.0)), 1e-12)
    return [round(LEVELS * max(float(value), 0.0) / largest) for value in values]


class WrongItem(Record):
    """An item that the model is sure of and wrong about, or of which the error is large.

    Attributes
    ----------
    confidence
        The probability of what is predicted; None where that isn't a class.
    pieces
        The text again, with what the prediction rests on marked.
    saliency
        The image again, with what the prediction rests on marked.
    """

    path: str
    truth: str
    predicted: str
    confidence: float | None = None
    image: DataUri | None = None
    text: str | None = None
    pieces: tuple[Piece, ...] = ()
    saliency: DataUri | None = None


class Failures(Record):
    """Slices and the most confidently wrong items, worst first.

    Attributes
    ----------
    overall
        The share of all items that the slices are compared with.
    n_wrong
        Wrong items in all; the number of those given where it is None.
    heading
        Of the wrong items.
    """

    slices: tuple[Slice, ...] = ()
    overall: Score | None = None
    metric: str = "accuracy"
    slices_note: str = ""
    wrong: tuple[WrongItem, ...] = ()
    n_wrong: int | None = None
    saliency_note: str = ""
    heading: str = "Wrong predictions, the most confident first"
