"""What the bundles of models say whose head predicts something else than classes."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

from topwork.model.card import Label, NetworkCard
from topwork.settings.choices import LabelledTask
from topwork.tasks.labels.miss import LabelMiss
from topwork.tasks.number.intervals import IntervalRule
from topwork.tasks.number.transform import Transform
from topwork.tasks.ordinal.decision import OrdinalSets, Rule
from topwork.tasks.ordinal.nested import Link


class NumberCard(NetworkCard):
    """Everything about a regressor that isn't a tensor: ``model.json`` in the bundle.

    The head's first output is the prediction on the scale of ``transform``, its second the
    logarithm of the size of its residual.

    Attributes
    ----------
    transform
        The scale on which numbers are predicted.
    intervals
        How wide the interval around a prediction is.
    faithful
        Whether the compiled graph answers like the torch network; if not, torch runs it.
    """

    task: ClassVar[LabelledTask] = "number"

    transform: Transform
    intervals: IntervalRule
    faithful: bool = True


class LabelsCard(NetworkCard):
    """Everything about a model of several labels that isn't a tensor: ``model.json``.

    The head's outputs are the calibrated log odds of the labels.

    Attributes
    ----------
    labels
        In the order of the outputs.
    thresholds
        Probability from which each label is predicted.
    miss
        How many labels these thresholds miss at most; ``None`` where that was not asked for.
    faithful
        Whether the compiled graph answers like the torch network; if not, torch runs it.
    """

    task: ClassVar[LabelledTask] = "labels"

    labels: list[str]
    thresholds: list[float]
    miss: LabelMiss | None = None
    faithful: bool = True


class OrdinalCard(NetworkCard):
    """Everything about a model of ordered classes that isn't a tensor: ``model.json``.

    Attributes
    ----------
    labels
        From low to high.
    link
        What the head's outputs are: log odds of being at most each class but the last, or a logit
        of each.
    rule
        Which class is predicted: the nearest to the expected rank, the median, or the most
        probable.
    sets
        Which classes are credible for an item.
    faithful
        Whether the compiled graph answers like the torch network; if not, torch runs it.
    """

    task: ClassVar[LabelledTask] = "ordinal"

    labels: list[Label]
    link: Link
    rule: Rule
    sets: OrdinalSets
    faithful: bool = True

    @property
    def n_outputs(self) -> int:
        """Of the head."""
        return len(self.labels) - (self.link == "cumulative")


HeadCard: TypeAlias = NumberCard | LabelsCard | OrdinalCard
"""Those of models whose head predicts something else than classes."""
