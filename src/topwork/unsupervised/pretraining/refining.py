"""What every way of refining a backbone takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from topwork.backbones import Network
from topwork.features.opened_backbone import OpenedBackbone
from topwork.runtime.run_context import RunContext
from topwork.settings import PretrainSettings
from topwork.unsupervised.pretraining.items import PretrainingItems

if TYPE_CHECKING:
    from torch import Tensor

    from topwork.training.strategies.refine import Refined


@dataclass(frozen=True, eq=False, slots=True)
class RefinedWeights:
    """What an objective made of the start.

    Parameters
    ----------
    tensors
        Those that were trained, by the names of the network's module.
    drift
        See `topwork.training.strategies.refine.Refined`.
    losses
        Mean of each epoch.
    """

    tensors: Mapping[str, Tensor]
    drift: float
    losses: tuple[float, ...]

    @classmethod
    def of(cls, done: Refined, tensors: Mapping[str, Tensor]) -> RefinedWeights:
        """What a run gave; one that was interrupted interrupts here, too."""
        if done.trained.ending == "interrupted":
            raise KeyboardInterrupt
        return cls(tensors, done.drift, tuple(done.trained.position.losses))


@dataclass(frozen=True, eq=False, slots=True)
class RefiningContext:
    """The start, and what it is refined on."""

    items: PretrainingItems
    opened: OpenedBackbone
    network: Network
    run: RunContext[PretrainSettings]
