"""The network refined on items without labels as a rung."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final

from topwork.backbones.with_weights import with_weights
from topwork.data import Dataset, ModalityName
from topwork.features.opened_backbone import open_network, read_once
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
        """Seconds that it takes, from two short runs that tell what a further item takes."""
        more, left = _unlabelled(state), state.search_context.run.left
        at_least = _PASSES * _a_pass(state) * len(more.data) + _afterwards(state)
        if len(more.data) < MIN or at_least > left:
            return at_least
        few, some = (min(n, len(more.data)) for n in _TIMED)
        once = _seconds(state, few)
        if once > left or some == few:
            return _SAFETY * once + _afterwards(state)
        further = max(_seconds(state, some) - once, 0.1 * once) / (some - few)
        return _SAFETY * (once + further * (len(more.data) - few)) + _afterwards(state)

    def run(self, state: SearchState) -> Trial | str:
        begun, context, first = time.monotonic(), state.search_context, state.first
        more, settings = _unlabelled(state), context.run.settings
        if len(more.data) < MIN:
            return f"there are {len(more.data)} unlabelled {self.modality}s, and {MIN} are needed"
        seconds = context.run.left - _afterwards(state)
        refining = _refining(state, more.data, seconds=max(seconds, 1.0))
        ((objective, weights),) = REFINED_BY[self.modality](refining).items()
        backbone = with_weights(first.frozen.opened.backbone, weights.tensors)
        opened = open_network(backbone, settings, keep=False)
        progress = context.run.steps(f"Features after {objective}")
        read = read_once(context.data, opened.request, max_bad=1.0, progress=progress)
        if len(read.kept) < len(context.data):
            return "some items went away since they were read"
        trial = judged(
            Candidate(self.name, backbone.name),
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


def _refining(state: SearchState, data: Dataset, *, seconds: float) -> RefiningContext:
    """The probe's network, and items whose features by it are in its store."""
    opened, run = state.first.frozen.opened, state.search_context.run
    progress = run.steps(f"Features of unlabelled {data.kind.name}s")
    read = read_once(data, opened.request, max_bad=1.0, progress=progress)
    return RefiningContext(
        data.take(read.kept),
        tuple(read.keys),
        run.settings.backbone_name,
        opened,
        opened.backbone.load(),
        run.settings,
        seconds,
        run.steps,
        only_first=True,
    )


def _seconds(state: SearchState, n: int) -> float:
    """What refining on the first n items takes."""
    begun, data = time.monotonic(), _unlabelled(state).data
    REFINED_BY[data.kind.name](_refining(state, data.take(range(n)), seconds=0.0))
    return time.monotonic() - begun


def _a_pass(state: SearchState) -> float:
    """Seconds that an item takes to come through the probe's network."""
    return seconds_of_a_pass(state.first) / len(state.first.frozen.data)


def _afterwards(state: SearchState) -> float:
    """Features of the labelled items, and the head."""
    return seconds_of_a_pass(state.first) + state.first.seconds
