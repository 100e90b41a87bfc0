"""What every way of refining a backbone takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from topwork.backbones import Network
from topwork.data import Dataset
from topwork.features.opened_backbone import OpenedBackbone, Running
from topwork.runtime.progress import Steps, no_steps
from topwork.settings.choices import RefiningObjective

if TYPE_CHECKING:
    from torch import Tensor, nn

    from topwork.training.strategies.refine import Refined


class RefiningRun(Running, Protocol):
    """What the settings of a command say of how a backbone is refined."""

    @property
    def seed(self) -> int: ...


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
    held_out
        Mean loss on items that were not trained on, before and after, where it was measured.
    """

    tensors: Mapping[str, Tensor]
    drift: float
    losses: tuple[float, ...]
    held_out: tuple[float, float] | None = None

    @classmethod
    def of(
        cls,
        done: Refined,
        tensors: Mapping[str, Tensor],
        held_out: tuple[float, float] | None = None,
    ) -> RefinedWeights:
        """What a run gave; one that was interrupted interrupts here, too."""
        if done.trained.ending == "interrupted":
            raise KeyboardInterrupt
        return cls(tensors, done.drift, tuple(done.trained.position.losses), held_out)


@dataclass(frozen=True, eq=False, slots=True)
class RefiningContext:
    """The start, and what it is refined on.

    Parameters
    ----------
    data, keys
        The n items without labels, and their content keys. Their features are in the start's store.
    name
        What the user called the start.
    network
        The start's, loaded; its tensors are not changed.
    seconds
        Time limit of the training; 0 for none.
    only_first
        Whether the first objective is enough, where there are several.
    """

    data: Dataset
    keys: tuple[bytes, ...]
    name: str
    opened: OpenedBackbone
    network: Network
    settings: RefiningRun
    seconds: float
    steps: Steps = no_steps
    objective: RefiningObjective = "auto"
    only_first: bool = False

    def changed(self, pooling: nn.Module) -> dict[str, Tensor]:
        """The parameters of a trained copy of `Network.pooling` that are not the start's."""
        import torch

        names = {id(tensor): name for name, tensor in self.network.module.named_parameters()}
        both = zip(self.network.pooling.parameters(), pooling.parameters(), strict=True)
        return {names[id(old)]: new for old, new in both if not torch.equal(old, new)}
