"""From a model and unlabelled items of a new domain to a model for it, or to the same one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.errors import DataError
from topwork.evaluation.shift import FEWEST, ShiftTest, shift_test
from topwork.features import Steps, no_steps
from topwork.model import Model, RejectedRecord, check_target, load
from topwork.model.frozen import FrozenPart, OpenedBackbone, read_once
from topwork.model.own_network import open_own_network
from topwork.transductive.assembly import assemble
from topwork.transductive.deep import DeepSpaces
from topwork.transductive.origin import Origin, find_origin
from topwork.transductive.result import AdaptResult, Way
from topwork.transductive.settings import AdaptSettings
from topwork.transductive.space import AS_IT_IS, Space
from topwork.transductive.trust import Choice, choose_adapted

_INSTEAD = "fit it again here, and adapt that one"
_MOST_COMPARED = 2000


@dataclass(frozen=True, slots=True)
class Adapted:
    """The model that ships, and what is known of it."""

    model: Model
    result: AdaptResult


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
    looks = _looks(origin, target, settings.seed)
    choice = None
    if looks is None or looks.noticeable:
        spaces = [_space(start, origin, target)]
        if settings.deep:
            deep = DeepSpaces(opened, origin, target, settings, steps)
            spaces += deep.spaces(len(start.labels))
        choice = choose_adapted(spaces, seed=settings.seed, progress=steps("Ways to adapt"))
    shipped = start
    if choice is not None and choice.chosen is not None:
        shipped = assemble(start, opened, origin, target, choice, settings=settings)
    if save_to is not None:
        shipped.save(save_to)
    result = _result(start, origin, target, looks, choice)
    saved = {"model": None if save_to is None else str(save_to)}
    return Adapted(
        shipped, result.model_copy(update={**saved, "seconds": time.monotonic() - begun})
    )


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


def _looks(origin: Origin, target: FrozenPart, seed: int) -> ShiftTest | None:
    """Whether a classifier tells the domains apart."""
    rng = np.random.default_rng(seed)

    def some(rows: NDArray[np.float32]) -> NDArray[np.float32]:
        return rows[rng.permutation(len(rows))[:_MOST_COMPARED]]

    try:
        return shift_test(some(origin.features), some(target.features), seed=seed)
    except DataError:
        return None


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


def _result(
    model: Model,
    origin: Origin,
    target: FrozenPart,
    looks: ShiftTest | None,
    choice: Choice | None,
) -> AdaptResult:
    chosen = choice.chosen if choice else None
    start = model.parts.head.logits(target.features).argmax(axis=1)
    changed, before, after = 0, None, None
    if chosen is not None:
        space = chosen.proposal.space
        changed = int((chosen.head.logits(space.target).argmax(axis=1) != start).sum())
        before = _accuracy(model.parts.head.logits(origin.features), origin)
        after = _accuracy(chosen.head.logits(space.source_as_shipped), origin)
    return AdaptResult(
        n_items=len(target.data),
        rejected=[RejectedRecord(path=r.path, reason=r.reason) for r in target.extraction.rejected],
        source=origin.where,
        n_source=len(origin.codes),
        seen_in_training=model.parts.statistics.saw(target.extraction.keys),
        looks=looks,
        adapted=chosen is not None,
        method=chosen.proposal.name if chosen else None,
        n_changed=changed,
        finalists=list(choice.finalists) if choice else [],
        ways=[Way(name=n, agreement=a) for n, a in choice.agreements.items()] if choice else [],
        source_before=before,
        source_after=after,
        sentence=_sentence(looks, choice, changed, len(target.data)),
        seconds=0.0,
    )


def _accuracy(logits: NDArray[np.float32], origin: Origin) -> float:
    return float((logits.argmax(axis=1) == origin.codes).mean())


def _sentence(looks: ShiftTest | None, choice: Choice | None, changed: int, n: int) -> str:
    if choice is None:
        assert looks is not None
        return (
            f"No shift worth acting on (AUC {looks.auc:.2f}, p {looks.p:.3f}): the model is "
            "returned as it is."
        )
    if choice.chosen is None:
        return (
            "The domains differ, but no adapted model is trusted more than the one there is: it is "
            "returned as it is."
        )
    return (
        f"Adapted: {changed} of {n} items get another label. How many of them are right can't be "
        "known without labels."
    )
