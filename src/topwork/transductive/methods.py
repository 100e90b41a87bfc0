"""The ways to answer for unlabelled items of a new domain, from labelled ones of another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.heads import LinearHead, fit_logistic, softmax
from topwork.heads.alignment import linear_transport
from topwork.heads.information import maximise_information
from topwork.transductive.space import Space

Probabilities = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Method:
    """One way.

    Parameters
    ----------
    answer
        Probabilities of the target's items, ``(m, k)``.
    only_as_it_is
        Whether it makes no sense where the network was given the target's statistics.
    """

    name: str
    answer: Callable[[Space], Probabilities]
    only_as_it_is: bool = False


def plain(space: Space) -> Probabilities:
    """The model's own head; where there is none for these features, one fitted on the source."""
    if space.head is not None:
        return space.head.probabilities(space.target, temperature=space.temperature)
    return _fitted(space, space.source).probabilities(space.target)


def standardised(space: Space) -> Probabilities:
    """Each domain centred and scaled by itself."""
    return space.standardised_head.probabilities(space.standardised[1])


def transported(space: Space) -> Probabilities:
    """The source moved onto the target by a linear map."""
    moved = linear_transport(space.source, space.target)
    return _fitted(space, moved).probabilities(space.target)


def informed(space: Space) -> Probabilities:
    """Each domain standardised, then a head made certain and varied on the target."""
    ours, theirs = space.standardised
    head = space.standardised_head
    length = np.float32(np.linalg.norm(ours, axis=1).mean())
    return softmax(maximise_information(theirs, head.weight / length, head.bias))


def _fitted(space: Space, rows: NDArray[np.float32]) -> LinearHead:
    return fit_logistic(rows, space.codes, space.n_classes)


METHODS: tuple[Method, ...] = (
    Method("source head", plain),
    Method("standardised", standardised),
    Method("linear transport", transported, only_as_it_is=True),
    Method("information", informed),
)
"""From simple to less simple; the first one, in the network as it is, is the model itself."""
