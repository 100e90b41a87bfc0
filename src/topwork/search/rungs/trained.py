"""A strategy that trains layers of the network, as a rung that races."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from topwork.search.rungs.limit import Limit
from topwork.search.rungs.rung import Asked
from topwork.search.rungs.state import SearchState
from topwork.search.rungs.tuned import TunedRung, seconds_of_a_pass
from topwork.search.rungs.tuner import Tuner
from topwork.search.search_context import SearchContext
from topwork.settings.choices import AskedStrategy, Strategy
from topwork.trials.resolved import needed_to_train
from topwork.trials.trial import Trial


@dataclass(frozen=True, slots=True)
class TrainedRung:
    """A way of training the network from the probe's head.

    Parameters
    ----------
    tuner
        Trains on some of the items, from the probe.
    start
        Name of the rung whose training it goes on from, where that was tried.
    leads_to
        Strategies that go on from this one, so that it is tried where they are asked for.
    blended
        Whether time is kept for a blend with the best frozen network.
    """

    name: str
    strategy: Strategy
    direction: str
    modality: str
    tuner: Callable[[Trial, SearchContext, Strategy], Tuner]
    start: str = ""
    leads_to: tuple[AskedStrategy, ...] = ()
    blended: bool = False

    @property
    def requires(self) -> tuple[str, ...]:
        return needed_to_train(self.strategy, self.modality)

    def available(self, asked: Asked) -> bool:
        own: AskedStrategy = self.strategy if self.strategy != "blend" else "auto"
        fits = asked.modality == self.modality and asked.plain_backbone
        return fits and asked.wants(own, *self.leads_to)

    def enter(self, state: SearchState, others: Mapping[str, TunedRung]) -> TunedRung:
        limit, first = Limit(), state.first
        run = state.search_context.run
        search_context = replace(
            state.search_context, run=replace(run, steps=limit.steps(run.steps))
        )
        # a blend goes through the frozen networks once more
        reserve = seconds_of_a_pass(state.best_frozen) if self.blended else 0.0
        tuner = self.tuner(first, search_context, self.strategy)
        return TunedRung(tuner, first, state.search_context, others.get(self.start), reserve, limit)
