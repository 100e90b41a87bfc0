"""A head that learns from items without labels as a rung."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from topwork.errors import DataError
from topwork.features.opened_backbone import read_once
from topwork.heads import SelfTraining
from topwork.intake.unlabelled import Unlabelled
from topwork.search.rungs.rung import Asked
from topwork.search.rungs.state import SearchState
from topwork.search.search_context import SearchContext
from topwork.trials.trial import Candidate, Trial, targets_of
from topwork.validation.self_trained import cross_validate_self_training

SELF_TRAINED = "self-trained"


def unlabelled_name(kind: str) -> str:
    """What learns from further items of a kind is called."""
    return f"unlabelled {kind}s"


@dataclass(frozen=True, slots=True)
class UnlabelledRung:
    """The best frozen features with a head that learns from items without labels, too."""

    modality: str
    direction: str = "learning from more"
    requires: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return unlabelled_name(self.modality)

    def available(self, asked: Asked) -> bool:
        return asked.unlabelled

    def rival(self, state: SearchState) -> Trial:
        return state.best_frozen

    def estimate(self, state: SearchState) -> float:  # noqa: ARG002  it takes as long as a head
        return 0.0

    def run(self, state: SearchState) -> Trial | str:
        rival, more = self.rival(state), state.search_context.unlabelled
        assert more is not None, "it is available with such items only"
        found = unlabelled_trial(rival, more, state.search_context)
        return found if isinstance(found, str) else replace(found, above=rival.above)


def unlabelled_trial(base: Trial, more: Unlabelled, search_context: SearchContext) -> Trial | str:
    """The same features with a self-trained head, judged on the same folds; or why there is none.

    Parameters
    ----------
    base
        The trial on frozen features whose place it takes where it does better.
    more
        The items without labels; of held-out items they hold nothing.
    """
    begun = time.monotonic()
    frozen, targets = base.frozen, targets_of(base.frozen)
    name = unlabelled_name(search_context.data.kind.name)
    progress = search_context.run.steps(f"Features of {name}")
    try:
        read = read_once(more.data, frozen.opened.request, max_bad=1.0, progress=progress)
    except DataError as error:  # they went away since they were read
        return str(error)
    training = SelfTraining.prepare(
        frozen.features,
        targets.codes,
        frozen.opened.request.store.read(read.keys),
        len(targets.labels),
        class_weight=search_context.run.settings.class_weight,
    )
    heads = cross_validate_self_training(
        training,
        frozen.features,
        targets.codes,
        folds=search_context.comparison.folds[: len(base.heads)],
        progress=search_context.run.steps(name.capitalize()),
    )
    candidate = Candidate(name, base.candidate.backbone, SELF_TRAINED)
    seconds = time.monotonic() - begun
    return Trial(candidate, frozen, heads, seconds, instead_of=base.candidate.name, unlabelled=True)
