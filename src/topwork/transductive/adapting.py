"""From a model and unlabelled items of a new domain to a model for it, or to the same one."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from topwork.data import Dataset
from topwork.errors import DataError
from topwork.evaluation.divisions import FEWEST
from topwork.features import Steps, no_steps
from topwork.model import Model, check_target, load
from topwork.model.frozen import FrozenPart, OpenedBackbone, read_once
from topwork.model.own_network import open_own_network
from topwork.transductive.assembly import assemble, with_classes, with_pages
from topwork.transductive.deep import DeepSpaces
from topwork.transductive.looking import look
from topwork.transductive.origin import Origin, find_origin
from topwork.transductive.outcome import outcome
from topwork.transductive.page import pages
from topwork.transductive.result import AdaptResult
from topwork.transductive.settings import AdaptSettings
from topwork.transductive.space import AS_IT_IS, Space
from topwork.transductive.trust import Choice, choose_adapted, loses_source

_INSTEAD = "fit it again here, and adapt that one"


@dataclass(frozen=True, slots=True)
class Adapted:
    """The model that ships, what is known of it, and what it was chosen from, if anything was."""

    model: Model
    result: AdaptResult
    choice: Choice | None = None


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
    target = _read(data.without_targets(), opened, settings, steps)
    origin = find_origin(start, opened, settings, steps("Features of the source"))
    seen = look(start, origin, target.features.astype(np.float32), seed=settings.seed)
    choice, shipped, corrected = None, start, False
    if seen.verdict == "classes" and seen.classes is not None and seen.classes.corrects:
        shipped, corrected = with_classes(start, opened, seen.classes, len(target.data)), True
    elif seen.verdict == "looks":
        spaces = [_space(start, origin, target)]
        if settings.deep:
            deep = DeepSpaces(opened, origin, target, settings, steps)
            spaces += deep.spaces(len(start.labels))
        choice = choose_adapted(spaces, seed=settings.seed, progress=steps("Ways to adapt"))
        past = start.parts.statistics
        if choice.chosen and settings.keep_source and loses_source(choice.chosen, past):
            choice = replace(choice, chosen=None)
        if choice.chosen is not None:
            shipped = assemble(start, opened, origin, target, choice, settings=settings)
    result = outcome(start, origin, target, seen, choice, corrected=corrected)
    if result.adapted:
        title = Path(data.source).name or "another domain"
        shipped = with_pages(shipped, pages(shipped, result, title))
    if save_to is not None:
        shipped.save(save_to)
    spent = {
        "model": None if save_to is None else str(save_to),
        "seconds": time.monotonic() - begun,
    }
    return Adapted(shipped, result.model_copy(update=spent), choice)


def _check_adaptable(model: Model, place: str) -> None:
    from topwork.errors import BundleError

    if not len(model.parts.statistics.rehearsal):
        raise BundleError(
            f"{place} remembers no features, so there is nothing to adapt from.",
            remedy="Fit the model again.",
            code="nothing_remembered",
        )


def _read(
    data: Dataset, opened: OpenedBackbone, settings: AdaptSettings, steps: Steps
) -> FrozenPart:
    extraction = read_once(
        data, opened.wanted, max_bad=settings.max_bad, progress=steps("Features")
    )
    if len(extraction.kept) < FEWEST:
        raise DataError(
            f"There are {len(extraction.kept)} unlabelled items that can be read.",
            remedy=f"Adapting takes at least {FEWEST}; some hundred are much better.",
            code="too_few_items",
        )
    return opened.part(data, extraction)


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
