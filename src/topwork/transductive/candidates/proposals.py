"""Every method in every space, alone and spread along neighbours, and all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.runtime.progress import Progress, silent
from topwork.selection.unlabelled_choice import ensemble_mean
from topwork.transductive.candidates.methods import METHODS, Probabilities
from topwork.transductive.candidates.space import AS_IT_IS, Space

SPREAD = "label propagation"
TOGETHER = "ensemble of all methods"
TOGETHER_SPREAD = f"{TOGETHER}, {SPREAD}"


@dataclass(frozen=True, eq=False, slots=True)
class Proposal:
    """One way to label the target.

    Parameters
    ----------
    name
        What people call it.
    space
        Where a head with these answers would be fitted.
    probabilities
        ``(m, k)``.
    """

    name: str
    space: Space
    probabilities: Probabilities

    @property
    def labels(self) -> NDArray[np.intp]:
        labels: NDArray[np.intp] = self.probabilities.argmax(axis=1)
        return labels


def proposals(spaces: Sequence[Space], *, progress: Progress = silent) -> list[Proposal]:
    """The model as it is first, then every other way, in every space."""
    request = [
        (space, method)
        for space in spaces
        for method in METHODS
        if space.name == AS_IT_IS or not method.only_as_it_is
    ]
    found: list[Proposal] = []
    for done, (space, method) in enumerate(request):
        progress(done, len(request))
        name = method.name if space.name == AS_IT_IS else f"{method.name}, {space.name}"
        answers = method.answer(space)
        found.append(Proposal(name, space, answers))
        found.append(Proposal(f"{name}, {SPREAD}", space, space.spread(answers)))
    progress(len(request), len(request))
    return found


def agreed(found: Sequence[Proposal]) -> tuple[Proposal, Proposal]:
    """The ensemble of all ways, and the same spread along the neighbours of every space."""
    everything = ensemble_mean([one.probabilities for one in found])
    spaces = list({id(one.space): one.space for one in found}.values())
    spread = ensemble_mean([space.spread(everything) for space in spaces])
    last = spaces[-1]
    return Proposal(TOGETHER, last, everything), Proposal(TOGETHER_SPREAD, last, spread)
