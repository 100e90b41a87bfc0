"""From a model and unlabelled items of a new domain to a model for it, or to the same one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from topwork.data import Dataset
from topwork.intake.own_network import open_own_network
from topwork.model import Model, check_target, open_classifier
from topwork.model.continual.previous import save_beside_previous
from topwork.quality.item_fingerprints import fingerprints_of
from topwork.runtime.cluster.chosen import where_settings_say
from topwork.runtime.progress import Steps, no_steps
from topwork.runtime.run_context import RunContext
from topwork.settings import AdaptSettings
from topwork.transductive.assembly import with_pages
from topwork.transductive.auditing import AuditSheet, plan_sheet
from topwork.transductive.candidates.label_free_selection import Choice
from topwork.transductive.choosing import AdaptationContext, decide_on
from topwork.transductive.outcome import Found, outcome
from topwork.transductive.overlap import copies
from topwork.transductive.page import pages
from topwork.transductive.reading import read_target
from topwork.transductive.result import AdaptResult
from topwork.transductive.shift_diagnosis import diagnose_shift
from topwork.transductive.source_features import find_source_features

THIS = "this model"
_INSTEAD = "fit it again here, and adapt that one"


@dataclass(frozen=True, slots=True)
class Adapted:
    """The selected model, and what is known of it.

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


@where_settings_say
def adapt(
    model: Model | str | Path,
    data: Dataset,
    settings: AdaptSettings | None = None,
    *,
    source: Dataset | None = None,
    labelled: Dataset | None = None,
    plan: AuditSheet | None = None,
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
    source
        The labelled items that the model was fitted on, where they are at hand: with them the
        layers behind a cut are adapted, too. None for those that a fit on this computer left in
        the store, or else what the model stores.
    labelled
        A few items of the new domain with labels.
    plan
        How the labelled items were chosen by an earlier audit, if they were.
    save_to
        Where the returned model is written; one that is there already is renamed.

    Raises
    ------
    DataError
        Too few of the items can be read.
    BundleError
        The model can't be loaded or adapted here, or ``save_to`` holds something else.
    """
    run = RunContext(settings := settings or AdaptSettings(), steps)
    begun = time.monotonic()
    if save_to is not None:
        check_target(save_to)
    place = THIS if isinstance(model, Model) else str(model)
    start = open_classifier(model, "adapt", engine=settings.engine)
    _check_adaptable(start, place)
    data = data.read_by(start.kind, place)
    source, labelled = (
        None if given is None else given.read_by(start.kind, place) for given in (source, labelled)
    )
    opened = open_own_network(
        start, place, engine=settings.engine, cache=settings.cache, instead=_INSTEAD
    )
    sketches = fingerprints_of(start.card.kind, keep=settings.cache)
    target, few = read_target(
        data, start, opened, run, labelled=labelled, extra_requests=sketches.request
    )
    source_features = find_source_features(start, opened, source, run)
    shared = copies(start, source_features, target, sketches, steps("Copies between the domains"))
    seen = diagnose_shift(start, source_features, target, seed=settings.seed)
    context = AdaptationContext(start, opened, source_features, target, seen, few, run)
    decision = decide_on(context)
    found = Found(context, decision, shared)
    audit = plan.bounds(few, start) if plan and few is not None else None
    result = outcome(found, audit)
    selected = decision.selected
    if result.adapted:
        selected = with_pages(selected, pages(selected, found, result, _title(place, data)))
    earlier = None
    if save_to is not None:
        earlier = save_beside_previous(selected, save_to)
    sheet = (
        plan_sheet(
            (start, selected),
            found.before,
            found.after,
            target,
            n=settings.audit,
            seed=settings.seed,
        )
        if settings.audit
        else None
    )
    spent = {
        "model": None if save_to is None else str(save_to),
        "previous_model": None if earlier is None else str(earlier),
        "seconds": time.monotonic() - begun,
    }
    return Adapted(selected, result.model_copy(update=spent), decision.choice, sheet)


def _title(place: str, data: Dataset) -> str:
    """Of the report: which model, and where to."""
    name = Path(place).name.removesuffix(".topwork") if place != THIS else "Model"
    domain = Path(data.source).name if data.source else ""
    return f"{name} adapted to {domain or 'another domain'}"


def _check_adaptable(model: Model, place: str) -> None:
    from topwork.errors import BundleError

    if not len(model.parts.statistics.rehearsal):
        raise BundleError(
            f"{place} holds no features, so it can't be adapted.",
            remedy="Fit the model again.",
            code="nothing_remembered",
        )
