"""What a fit that goes on from a model knows beside its evidence."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.model import StartedFrom, TrainingStatistics
from topwork.reporting.forgetting import Forgetting


@dataclass(frozen=True, eq=False, slots=True)
class ContinualArtifacts:
    """What a fit that goes on from a model knows beside its evidence.

    Parameters
    ----------
    statistics
        What the next model stores: the earlier items and the new ones.
    started_from
        The base model, for the next one's card.
    """

    forgetting: Forgetting
    statistics: TrainingStatistics
    started_from: StartedFrom
