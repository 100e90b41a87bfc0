"""The ways to answer for unlabelled items of a new domain, from labelled ones of another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.heads import LinearHead, fit_logistic, softmax
from topwork.heads.domain.alignment import linear_transport
from topwork.heads.domain.attraction import attract_and_disperse
from topwork.heads.domain.class_confusion import minimise_class_confusion
from topwork.heads.domain.information import maximise_information
from topwork.transductive.candidates.space import Space

Probabilities = NDArray[np.float32]
Rows = NDArray[np.float32]
_TINY = 1e-4


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
        said = space.head.probabilities(space.target, temperature=space.temperature)
    else:
        said = _fitted(space, space.source).probabilities(space.target)
    return space.by_priors(said)


def standardised(space: Space) -> Probabilities:
    """Each domain centred and scaled by itself."""
    return space.by_priors(space.standardised_head.probabilities(space.standardised[1]))


def transported(space: Space) -> Probabilities:
    """The source moved onto the target by a linear map."""
    moved = linear_transport(space.source, space.target, weights=space.source_weights)
    return space.by_priors(_fitted(space, moved).probabilities(space.target))


def information_maximisation(space: Space) -> Probabilities:
    """Each domain standardised, then a head trained to maximise information on the target."""
    return softmax(maximise_information(*_start(space), priors=space.target_priors))


def unconfused(space: Space) -> Probabilities:
    """Each domain standardised, then a head trained to confuse classes least on the target."""
    return space.by_priors(softmax(minimise_class_confusion(*_start(space))))


def attracted(space: Space) -> Probabilities:
    """Each domain standardised, then a head trained to predict the same for neighbours."""
    start = _start(space)
    return softmax(attract_and_disperse(*start, space.graph, priors=space.target_priors))


def _start(space: Space) -> tuple[Rows, Rows, Rows]:
    """The target's standardised rows, and weights and biases of a head to start from."""
    ours, theirs = space.standardised
    head = space.standardised_head
    length = np.float32(np.linalg.norm(ours, axis=1).mean())
    bias = head.bias
    if space.priors is not None:
        ratios = space.priors / np.maximum(space.source_priors, _TINY)
        bias = bias + np.log(np.maximum(ratios, _TINY)).astype(np.float32)
    return theirs, head.weight / length, bias


def _fitted(space: Space, rows: Rows) -> LinearHead:
    return fit_logistic(rows, space.codes, space.n_classes)


METHODS: tuple[Method, ...] = (
    Method("source classifier", plain),
    Method("standardised features", standardised),
    Method("linear optimal transport", transported, only_as_it_is=True),
    Method("information maximisation", information_maximisation),
    Method("minimum class confusion", unconfused),
    Method("attracting and dispersing", attracted),
)
"""From simple to less simple; the first one, in the network as it is, is the model itself."""
