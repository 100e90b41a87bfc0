"""What ships: the model as it was, other shares of the classes, or what the ways agree on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.cost import decide
from topwork.features.opened_backbone import FrozenPart, OpenedBackbone
from topwork.model import Model
from topwork.runtime.run_context import RunContext
from topwork.selection.choice import Selection
from topwork.settings import AdaptSettings
from topwork.shift.class_presence import ClassPresence
from topwork.transductive.assembly import assemble, with_classes
from topwork.transductive.candidates.deep import DeepSpaces
from topwork.transductive.candidates.label_free_selection import (
    Choice,
    choose_adapted,
    loses_source,
)
from topwork.transductive.candidates.presence import presence_in
from topwork.transductive.candidates.space import AS_IT_IS, Space
from topwork.transductive.candidates.with_labels import choose_with_labels
from topwork.transductive.few_labels import FewLabels
from topwork.transductive.shift_diagnosis import ShiftDiagnosis
from topwork.transductive.source_features import SourceFeatures

MIN_KEPT = 0.5
"""Of the accuracy on the source, without which a model is not returned."""


@dataclass(frozen=True, eq=False, slots=True)
class AdaptationContext:
    """Everything that is known before anything is tried.

    Parameters
    ----------
    few
        Labels of the new domain, where there are some.
    """

    start: Model
    opened: OpenedBackbone
    source_features: SourceFeatures
    target: FrozenPart
    seen: ShiftDiagnosis
    few: FewLabels | None
    run: RunContext[AdaptSettings]

    @property
    def differs(self) -> bool:
        """Whether the domains look different."""
        return self.seen.verdict == "covariate_shift"


@dataclass(frozen=True, eq=False, slots=True)
class Decision:
    """What ships, and why.

    Parameters
    ----------
    choice
        What it was chosen from; None where nothing was tried.
    labels_say
        What was chosen by labels of the new domain, if there were some.
    corrected
        Whether the model was given other shares of the classes.
    refused
        Whether another model was found, but would have lost accuracy on the source.
    presence
        Which classes the target seems to hold; None where nothing was tried.
    forgets
        Accuracy on the source before and after of a model that was not taken because it halves.
    """

    selected: Model
    choice: Choice | None = None
    labels_say: Selection | None = None
    corrected: bool = False
    refused: bool = False
    presence: ClassPresence | None = None
    forgets: tuple[float, float] | None = None


def decide_on(context: AdaptationContext) -> Decision:
    """Act on what was seen, and keep the source if that is wanted."""
    found = _remembering(context, _found(context))
    if (
        context.run.settings.keep_source
        and found.selected is not context.start
        and _loses(context, found)
    ):
        kept = replace(found.choice, chosen=None) if found.choice else None
        return replace(found, selected=context.start, choice=kept, corrected=False, refused=True)
    return found


def _found(context: AdaptationContext) -> Decision:
    start, opened, classes, few = context.start, context.opened, context.seen.classes, context.few
    if few is None and context.seen.verdict == "classes" and classes and classes.corrects:
        selected = with_classes(start, opened, classes, context.target.extraction.keys)
        return Decision(selected, corrected=True)
    if few is None and not context.differs:
        return Decision(start)
    space, labels_say, seed = _space(context), None, context.run.settings.seed
    presence = presence_in(space, tuple(map(str, start.labels)), seed=seed)
    if few is None and presence.verdict == "unclear" and not context.run.settings.force:
        return Decision(start, presence=presence)
    choice = _choice(context, space, presence)
    if few is not None:
        choice, labels_say = choose_with_labels(choice, few, differs=context.differs, seed=seed)
    if choice.chosen is None:
        return Decision(start, choice, labels_say, presence=presence)
    selected = assemble(
        start,
        opened,
        context.source_features,
        context.target,
        choice,
        few=few,
        settings=context.run.settings,
    )
    return Decision(selected, choice, labels_say, presence=presence)


def _choice(context: AdaptationContext, space: Space, presence: ClassPresence) -> Choice:
    """What is found without labels; where looks do not differ, only what labels may build on."""
    spaces, settings = [space], context.run.settings
    if settings.deep and context.differs and (presence.whole or settings.force):
        deep = DeepSpaces(context.opened, context.source_features, context.target, context.run)
        spaces += deep.spaces(len(context.start.labels))
    progress = context.run.steps("Ways to adapt")
    priors = np.array(presence.priors) if presence.verdict == "some" else None
    choice = choose_adapted(
        spaces,
        priors=priors,
        most_changed=presence.most_errors,
        few=presence.few,
        seed=settings.seed,
        progress=progress,
    )
    return choice if context.differs else replace(choice, chosen=None)


def _space(context: AdaptationContext) -> Space:
    """Features of the network as it is."""
    return Space(
        AS_IT_IS,
        context.source_features.features,
        context.source_features.codes,
        context.target.features.astype(np.float32),
        len(context.start.labels),
        head=context.start.parts.head,
        temperature=context.start.card.temperature,
    )


def source_accuracies(context: AdaptationContext, found: Decision) -> tuple[float, float]:
    """Accuracy on the source's rows of the model as it was and of the one that would ship."""
    codes = context.source_features.codes
    chosen = found.choice.chosen if found.choice else None
    rows = chosen.proposal.space.selected_source if chosen else context.source_features.features
    pairs = ((context.start, context.source_features.features), (found.selected, rows))
    before, after = (float((_predicted(model, x) == codes).mean()) for model, x in pairs)
    return before, after


def _predicted(model: Model, rows: NDArray[np.float32]) -> NDArray[np.int64]:
    temperature = model.card.temperature
    return decide(
        model.parts.head.probabilities(rows, temperature=temperature), model.card.threshold
    )


def _remembering(context: AdaptationContext, found: Decision) -> Decision:
    """The model as it was, if what was found halves its accuracy on the source."""
    if found.selected is context.start or context.run.settings.force:
        return found
    before, after = source_accuracies(context, found)
    if after >= MIN_KEPT * before:
        return found
    kept = replace(found.choice, chosen=None) if found.choice else None
    return replace(
        found, selected=context.start, choice=kept, corrected=False, forgets=(before, after)
    )


def _loses(context: AdaptationContext, found: Decision) -> bool:
    """Whether what would ship is worse on the source than the model was."""
    chosen = found.choice.chosen if found.choice else None
    rows = chosen.proposal.space.selected_source if chosen else context.source_features.features
    past = context.start.parts.statistics
    return loses_source(found.selected.parts.head, rows, context.source_features.codes, past)
