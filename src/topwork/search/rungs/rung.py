"""What a rung of the ladder is: a way to make a better model than the probe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from topwork.backbones.multi_layer import DEPTHS
from topwork.search.rungs.state import SearchState
from topwork.search.rungs.tuned import TunedRung
from topwork.settings.choices import AskedStrategy
from topwork.settings.fit import AUTO
from topwork.trials.trial import Trial


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user asked for.

    Parameters
    ----------
    backbone
        As the user named it.
    modality
        Of the items.
    unlabelled
        Whether there are items without labels.
    """

    backbone: str
    modality: str
    strategy: AskedStrategy = AUTO
    unlabelled: bool = False

    @property
    def plain_backbone(self) -> bool:
        """Whether it is one network, seen at its last layer, that more can be made of."""
        name = self.backbone
        return not ("+" in name or DEPTHS in name or name.rpartition(":")[2] == "pixels")

    def wants(self, *strategies: AskedStrategy) -> bool:
        """Whether everything is searched, or one of these strategies was asked for."""
        return self.strategy in {AUTO, *strategies}


class Rung(Protocol):
    """What the ladder has to know of every rung.

    Adding one is a file with such an object, and a line in `topwork.search.known_rungs.RUNGS`.
    """

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def direction(self) -> str:
        """Rungs of one direction build on each other: where one doesn't pay, the later ones of its
        direction are left out."""
        ...

    @property
    def requires(self) -> tuple[str, ...]:
        """The packages without which it can't be tried."""
        ...

    def available(self, asked: Asked) -> bool:
        """Whether there is such a rung for the network and the items, and it is wanted."""
        ...


@runtime_checkable
class JudgedRung(Rung, Protocol):
    """A rung that is judged on all folds at once."""

    def rival(self, state: SearchState) -> Trial:
        """What it has to beat."""
        ...

    def estimate(self, state: SearchState) -> float:
        """Seconds that it will take.

        Raises
        ------
        UserError
            It can't be tried here.
        """
        ...

    def run(self, state: SearchState) -> Trial | str:
        """Its trial on the folds of all others; or why there is none."""
        ...


@runtime_checkable
class RacingRung(Rung, Protocol):
    """A rung that is judged fold by fold, in a race against others of its kind."""

    def enter(self, state: SearchState, others: Mapping[str, TunedRung]) -> TunedRung:
        """Its fits, of which none is made yet.

        Parameters
        ----------
        others
            Those that are in the race already, by the names of their rungs; it may go on from one.
        """
        ...
