"""From a model and unlabelled items of a new domain to a model for it, or to the same one."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from topwork.data import Dataset
from topwork.features import Steps, cache_folder, no_steps
from topwork.model import Model, check_target, load
from topwork.model.frozen import FrozenPart, OpenedBackbone
from topwork.model.own_network import open_own_network
from topwork.quality.sketches import sketches_of
from topwork.transductive.assembly import assemble, with_classes, with_pages
from topwork.transductive.auditing import AuditSheet, plan_sheet
from topwork.transductive.deep import DeepSpaces
from topwork.transductive.looking import look
from topwork.transductive.origin import Origin, find_origin
from topwork.transductive.outcome import Found, outcome
from topwork.transductive.overlap import copies
from topwork.transductive.page import pages
from topwork.transductive.reading import read_target
from topwork.transductive.result import AdaptResult
from topwork.transductive.settings import AdaptSettings
from topwork.transductive.space import AS_IT_IS, Space
from topwork.transductive.trust import Choice, choose_adapted, loses_source
from topwork.transductive.with_labels import choose_with_labels

_INSTEAD = "fit it again here, and adapt that one"


@dataclass(frozen=True, slots=True)
class Adapted:
    """The model that ships, and what is known of it.

    Parameters
    ----------
    choice
        What it was chosen from; None where nothing was tried.
    sheet
        Items to label, where that was asked for.
    """

    model: Model
    result: AdaptResult
    choice: Choice | None = None
    sheet: AuditSheet | None = None


def adapt(
    model: Model | str | Path,
    data: Dataset,
    settings: AdaptSettings | None = None,
    *,
    steps: Steps = no_steps,
    save_to: Path | None = None,
) -> Adapted:
    """Adapt a model to unlabelled items; where that isn't safe, the model comes back as it is.

    Labels that the items may have are never looked at.

    Parameters
    ----------
    model
        A model, or its folder.
    data
        Items of the new domain.
    save_to
        Where the model that ships is written.

    Raises
    ------
    DataError
        Too few of the items can be read.
    BundleError
        The model can't be loaded or adapted here, or ``save_to`` holds something else.
    """
    settings = settings or AdaptSettings()
    begun = time.monotonic()
    if save_to is not None:
        check_target(save_to)
    place = "this model" if isinstance(model, Model) else str(model)
    start = model if isinstance(model, Model) else load(model, engine=settings.engine)
    _check_adaptable(start, place)
    opened = open_own_network(
        start, place, engine=settings.engine, cache=settings.cache, instead=_INSTEAD
    )
    sketches = sketches_of(start.card.kind, cache_folder() if settings.cache else None)
    target, few = read_target(data, start, opened, settings, steps, beside=sketches.wanted)
    origin = find_origin(start, opened, settings, steps("Features of the source"))
    shared = copies(start, origin, target, sketches, steps("Copies between the domains"))
    seen = look(start, origin, target.features.astype(np.float32), seed=settings.seed)
    choice, labels_say, shipped, corrected = None, None, start, False
    if few is None and seen.verdict == "classes" and seen.classes and seen.classes.corrects:
        shipped, corrected = with_classes(start, opened, seen.classes, len(target.data)), True
    elif few is not None or seen.verdict == "looks":
        differs = seen.verdict == "looks"
        choice = _choice(
            start,
            opened,
            origin,
            target,
            settings=settings,
            steps=steps,
            differs=differs,
        )
    if few is not None and choice is not None:
        choice, labels_say = choose_with_labels(choice, few, seed=settings.seed)
    if choice is not None and choice.chosen is not None:
        shipped = assemble(start, opened, origin, target, choice, settings=settings)
    found = Found(start, target, seen, choice, corrected=corrected, shared=shared)
    audit = settings.plan.bounds(few) if settings.plan and few is not None else None
    result = outcome(found, origin, few=few, labels_say=labels_say, audit=audit)
    if result.adapted:
        title = Path(data.source).name or "another domain"
        shipped = with_pages(shipped, pages(shipped, found, result, title))
    if save_to is not None:
        shipped.save(save_to)
    sheet = (
        plan_sheet(found.before, found.after, target, settings.audit, seed=settings.seed)
        if settings.audit
        else None
    )
    spent = {
        "model": None if save_to is None else str(save_to),
        "seconds": time.monotonic() - begun,
    }
    return Adapted(shipped, result.model_copy(update=spent), choice, sheet)


def _choice(
    start: Model,
    opened: OpenedBackbone,
    origin: Origin,
    target: FrozenPart,
    *,
    settings: AdaptSettings,
    steps: Steps,
    differs: bool,
) -> Choice:
    """What is found without labels; where looks do not differ, only what labels may build on."""
    spaces = [_space(start, origin, target)]
    if settings.deep and differs:
        deep = DeepSpaces(opened, origin, target, settings, steps)
        spaces += deep.spaces(len(start.labels))
    choice = choose_adapted(spaces, seed=settings.seed, progress=steps("Ways to adapt"))
    past = start.parts.statistics
    refused = settings.keep_source and choice.chosen and loses_source(choice.chosen, past)
    return choice if differs and not refused else replace(choice, chosen=None)


def _check_adaptable(model: Model, place: str) -> None:
    from topwork.errors import BundleError

    if not len(model.parts.statistics.rehearsal):
        raise BundleError(
            f"{place} remembers no features, so there is nothing to adapt from.",
            remedy="Fit the model again.",
            code="nothing_remembered",
        )


def _space(model: Model, origin: Origin, target: FrozenPart) -> Space:
    return Space(
        AS_IT_IS,
        origin.features,
        origin.codes,
        target.features.astype(np.float32),
        len(model.labels),
        head=model.parts.head,
        temperature=model.card.temperature,
    )
