"""What errors cost, and which of two classes to say in view of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from topwork.data import ClassTargets
from topwork.errors import ParameterError
from topwork.evaluation.cost import CostThreshold, cost_threshold
from topwork.inductive.calibrated import Calibrated


class CostChoice(CostThreshold):
    """From which probability on a class is said.

    Attributes
    ----------
    label
        The class that ``threshold`` is for, the second.
    other
        The class that is said below it.
    """

    label: str
    other: str

    @property
    def sentence(self) -> str:
        """The same for people."""
        return (
            f"Because errors cost differently, {self.label!r} is said only from a probability of "
            f"{self.threshold:.2f} on, else {self.other!r}: an item then costs {self.cost:.3f} on "
            f"average instead of {self.cost_at_half:.3f}."
        )


def cost_choice(
    costs: Mapping[str, float] | None,
    calibrated: Calibrated,
    targets: ClassTargets,
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
) -> CostChoice | None:
    """The threshold on the second class's probability; ``None`` where no costs are given.

    Parameters
    ----------
    costs
        What it costs to take an item of each class for the other; 1 where it isn't given.
    """
    if not costs:
        return None
    first, second = _checked(costs, targets)
    dear = {str(label): cost for label, cost in costs.items()}
    table = [[0.0, dear.get(first, 1.0)], [dear.get(second, 1.0), 0.0]]
    found = cost_threshold(
        calibrated.probabilities,
        targets.codes,
        table,
        groups=groups,
        n_folds=len(np.unique(folds[0])),
    )
    return CostChoice(**found.model_dump(), label=second, other=first)


def check_costs(costs: Mapping[str, float] | None, targets: ClassTargets | None) -> None:
    """Refuse costs that don't fit the classes, before anything is computed.

    Raises
    ------
    ParameterError
        There are not two classes, or a cost is for a class that isn't there.
    """
    if costs and targets is not None:
        _checked(costs, targets)


def _checked(costs: Mapping[str, float], targets: ClassTargets) -> list[str]:
    labels = [str(label) for label in targets.labels]
    if len(labels) != 2:
        raise ParameterError(
            f"Costs are for two classes, and there are {len(labels)}.",
            remedy="Leave --cost out, or join the classes into two.",
        )
    for label in costs:
        if str(label) not in labels:
            raise ParameterError(
                f"There is a cost for {label!r}, which is not a class.",
                remedy=f"The classes are {labels[0]!r} and {labels[1]!r}.",
            )
    return labels
