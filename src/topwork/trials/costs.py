"""What errors cost, and which of two classes to predict in view of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.cost import CostThreshold, cost_threshold, decide
from topwork.data import ClassTargets
from topwork.errors import ParameterError


class CostChoice(CostThreshold):
    """From which probability on a class is predicted.

    Attributes
    ----------
    label
        The class that ``threshold`` is for, the second.
    other
        The class that is predicted below it.
    found, falsely
        Of the class that is dearer to miss: the share of its items that is predicted as it, and the
        share of the other's that is. Selection repeated without each fold, as in the scores.
    """

    label: str
    other: str
    found: float
    falsely: float

    @property
    def sentence(self) -> str:
        """The same for people."""
        second = self.threshold <= 0.5
        dear, cheap = (self.label, self.other) if second else (self.other, self.label)
        least = self.threshold if second else 1 - self.threshold
        return (
            f"Predicts {dear!r} from a probability of {_percent(least)}: finds "
            f"{_percent(self.found)} of {dear!r}, and predicts {dear!r} for "
            f"{_percent(self.falsely)} of {cheap!r}; mean cost per "
            f"item {self.cost:.3f} ({self.cost_at_half:.3f} with a threshold of 50 %)."
        )


def cost_table(
    costs: Mapping[str, float] | None, targets: ClassTargets
) -> NDArray[np.float64] | None:
    """Cost of predicting class j where class i is true, ``(2, 2)``; ``None`` without costs."""
    if not costs:
        return None
    first, second = _checked(costs, targets)
    dear = {str(label): cost for label, cost in costs.items()}
    return np.array([[0.0, dear.get(first, 1.0)], [dear.get(second, 1.0), 0.0]])


def cost_choice(
    costs: Mapping[str, float] | None,
    probabilities: NDArray[np.floating],
    targets: ClassTargets,
    *,
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    rows: NDArray[np.integer] | NDArray[np.bool_],
) -> CostChoice | None:
    """The threshold on the second class's probability; ``None`` where no costs are given.

    Parameters
    ----------
    costs
        What it costs to take an item of each class for the other; 1 where it isn't given.
    probabilities
        Held-out and calibrated, of the m items that were judged, ``(m, 2)``.
    rows
        Which of the n items those are.
    """
    table = cost_table(costs, targets)
    if table is None:
        return None
    codes = targets.codes[rows]
    found = cost_threshold(
        probabilities, codes, table, groups=groups[rows], n_folds=len(np.unique(folds[0]))
    )
    dear = 1 if found.threshold <= 0.5 else 0
    sentence = decide(probabilities, found.threshold) == dear
    first, second = (str(label) for label in targets.labels)
    return CostChoice(
        **found.model_dump(),
        label=second,
        other=first,
        found=_share(sentence[codes == dear]),
        falsely=_share(sentence[codes != dear]),
    )


def _share(sentence: NDArray[np.bool_]) -> float:
    return float(sentence.mean()) if len(sentence) else 0.0


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def check_costs(costs: Mapping[str, float] | None, targets: ClassTargets | None) -> None:
    """Refuse costs that don't fit the classes, before anything is computed.

    Raises
    ------
    ParameterError
        There are not two classes, or a cost is for a class that isn't there.
    """
    if costs and targets is not None:
        _checked(costs, targets)


def check_prevalence(prevalence: float | None, targets: ClassTargets | None) -> None:
    """Refuse a prevalence where there are more classes than two, before anything is computed.

    Raises
    ------
    ParameterError
        There are not two classes.
    """
    if prevalence is not None and targets is not None and len(targets.labels) != 2:
        raise ParameterError(
            f"prevalence is for two classes, and there are {len(targets.labels)}.",
            remedy="Leave it out, or join the classes into two.",
        )


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
