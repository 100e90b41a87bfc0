"""Which answers are asked for again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from topwork.labelling.annotation.journal import Answer

REPEATED: Final = 0.03
"""The share of answers that is asked for again."""

APART: Final = 10
"""Answers between the first and the second time at least."""


def asked_again(
    actions: Sequence[Sequence[Answer]], places: Mapping[str, int], n_before: int, seed: int
) -> list[int]:
    """The item to ask about once more, those whose answer took a suggestion first; none if not due.

    Parameters
    ----------
    actions
        What was answered.
    places
        Of items, by their names.
    n_before
        How often it was asked again so far.
    """
    first = [answer for action in actions for answer in action if answer.how != "repeat"]
    if n_before + 1 > REPEATED * len(first):
        return []
    again = {answer.item for action in actions for answer in action if answer.how == "repeat"}
    old = [
        answer
        for answer in first[:-APART]
        if answer.value is not None and answer.item in places and answer.item not in again
    ]
    waiting = [answer for answer in old if answer.how in ("suggested", "grid")] or old
    if not waiting:
        return []
    rng = np.random.default_rng((seed, len(first)))
    return [places[waiting[int(rng.integers(len(waiting)))].item]]
