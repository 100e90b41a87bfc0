"""The order in which items are asked about."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.labelling.annotation.journal import Answer
from topwork.labelling.annotation.repeats import asked_again

SHOWN_AHEAD: Final = 8
"""Items that the page knows in advance, to load their images."""


@dataclass(slots=True)
class Waiting:
    """What was taken back, what is asked again, the audit, what is planned, and random items.

    Parameters
    ----------
    order
        All items outside of the audit, at random.
    taken_back
        Items whose answer was taken back, the last one first.
    again
        Those that are asked about once more, without a suggestion, in their order.
    n_again
        How often one was asked about once more so far.
    """

    order: Sequence[int] = ()
    taken_back: deque[int] = field(default_factory=deque)
    again: dict[int, None] = field(default_factory=dict)
    n_again: int = 0

    def upcoming(
        self, free: NDArray[np.bool_], audit: NDArray[np.bool_], planned: Iterable[int]
    ) -> list[int]:
        """The next items; of the planned and random ones those that are free.

        Examples
        --------
        >>> free, audit = np.array([True, True, False, True]), np.array([False, True, False, False])
        >>> Waiting(order=[0, 2, 3]).upcoming(free, audit, planned=[3])
        [1, 3, 0]
        """
        found: dict[int, None] = dict.fromkeys(self.taken_back)
        found.update(self.again)
        found.update(dict.fromkeys(np.flatnonzero(audit & free).tolist()))
        found.update((i, None) for i in planned if free[i])
        for i in self.order:
            if len(found) >= SHOWN_AHEAD:
                break
            if free[i]:
                found[i] = None
        return list(found)[:SHOWN_AHEAD]

    def answered(self, number: int) -> None:
        """It need not be asked about now."""
        if number in self.taken_back:
            self.taken_back.remove(number)

    def put_back(self, number: int) -> None:
        """Ask about it next."""
        if number not in self.taken_back:
            self.taken_back.appendleft(number)

    def choose_again(
        self, actions: Sequence[Sequence[Answer]], places: Mapping[str, int], seed: int
    ) -> None:
        """See `topwork.labelling.annotation.repeats.asked_again`; one at a time."""
        if not self.again:
            chosen = asked_again(actions, places, self.n_again, seed)
            self.again.update(dict.fromkeys(chosen))
            self.n_again += len(chosen)
