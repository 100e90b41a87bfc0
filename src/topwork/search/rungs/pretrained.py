"""The network refined on items without labels as a rung."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final

from topwork.backbones.with_weights import with_weights
from topwork.data import Dataset, ModalityName
from topwork.features.opened_backbone import OpenedBackbone, open_network, read_once
from topwork.intake.unlabelled import Unlabelled
from topwork.search.rungs.rung import Asked
from topwork.search.rungs.state import SearchState
from topwork.search.rungs.tuned import seconds_of_a_pass
from topwork.training.refining import REFINED_BY, RefiningContext
from topwork.trials.resolved import needed_to_train
from topwork.trials.trial import Candidate, Trial, judged

MIN: Final = 32
"""Items without labels below which nothing is learnt, as in `topwork pretrain`."""

_SAFETY: Final = 1.2
_TIMED: Final = (32, 96)
_PASSES: Final = 3
"""Refining takes at least as long as so many passes of the items through the network."""


@dataclass(frozen=True, slots=True)
class PretrainedRung:
    """The network refined as `topwork pretrain` does it, frozen again, with a head on top.

    No label is learnt from, so that one network serves all folds.
    """

    modality: ModalityName
    direction: str = "pretraining"

    @property
    def name(self) -> str:
        return f"network refined on unlabelled {self.modality}s"

    @property
    def requires(self) -> tuple[str, ...]:
        return needed_to_train("partial", self.modality)

    def available(self, asked: Asked) -> bool:
        return asked.unlabelled and asked.wants() and asked.plain_backbone

    def rival(self, state: SearchState) -> Trial:
        return state.best_frozen

    def estimate(self, state: SearchState) -> float:
        """Seconds that it takes at most, as short runs tell; they are left out where it is clear.

        The first run also warms up, so that the time per item in it is an upper bound. Where there
        is no time for that, two more tell what a further item takes.
        """
        more, left = _unlabelled(state), state.search_context.run.left
        n, afterwards = len(more.data), _afterwards(state)
        at_least = _PASSES * _a_pass(state) * n + afterwards
        if n < MIN or at_least > left:
            return at_least
        few, some = (min(size, n) for size in _TIMED)
        at_most = _SAFETY * _seconds(state, few) * n / few + afterwards
        if at_most <= state.search_context.run.left or few == some:
            return at_most
        once = _seconds(state, few)
        further = max(_seconds(state, some) - once, 0.1 * once) / (some - few)
        return _SAFETY * (once + further * (n - few)) + afterwards

    def run(self, state: SearchState) -> Trial | str:
        begun, context = time.monotonic(), state.search_context
        more, settings = _unlabelled(state), context.run.settings
        if len(more.data) < MIN:
            return f"there are {len(more.data)} unlabelled {self.modality}s, and {MIN} are needed"
        seconds = max(context.run.left - _afterwards(state), 1.0)
        opened = _refined(state, more.data, seconds=seconds)
        progress = context.run.steps("Features of the refined network")
        read = read_once(context.data, opened.request, max_bad=1.0, progress=progress)
        if len(read.kept) < len(context.data):
            return "some items went away since they were read"
        trial = judged(
            Candidate(self.name, opened.backbone.name),
            opened.part(context.data, read),
            context.comparison.folds,
            settings,
            progress=progress,
        )
        took = time.monotonic() - begun
        return replace(trial, seconds=took, above=True, unlabelled=True)


def _unlabelled(state: SearchState) -> Unlabelled:
    more = state.search_context.unlabelled
    assert more is not None, "it is available with such items only"
    return more


def _refined(state: SearchState, data: Dataset, *, seconds: float) -> OpenedBackbone:
    """The probe's network after refining on items whose features by it are in its store.

    Parameters
    ----------
    seconds
        Time limit of the training; 0 for none.
    """
    start, run = state.first.frozen.opened, state.search_context.run
    progress = run.steps(f"Features of unlabelled {data.kind.name}s")
    read = read_once(data, start.request, max_bad=1.0, progress=progress)
    refining = RefiningContext(
        data.take(read.kept),
        tuple(read.keys),
        run.settings.backbone_name,
        start,
        start.backbone.load(),
        run.settings,
        seconds,
        run.steps,
        only_first=True,
    )
    (weights,) = REFINED_BY[data.kind.name](refining).values()
    return open_network(with_weights(start.backbone, weights.tensors), run.settings, keep=False)


def _seconds(state: SearchState, n: int) -> float:
    """What refining on the first n items takes."""
    begun = time.monotonic()
    _refined(state, _unlabelled(state).data.take(range(n)), seconds=0.0)
    return time.monotonic() - begun


def _a_pass(state: SearchState) -> float:
    """Seconds that an item takes to come through the probe's network."""
    return seconds_of_a_pass(state.first) / len(state.first.frozen.data)


def _afterwards(state: SearchState) -> float:
    """Features of the labelled items, and the head."""
    return seconds_of_a_pass(state.first) + state.first.seconds
