"""From images of good parts to a model that says which other ones are anomalous."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from topwork.calibration.false_alarms import (
    GoodScores,
    check_promisable,
    least_rate,
    promised_rate,
)
from topwork.data import Dataset, surveyed
from topwork.features.rejected import RejectedRecord
from topwork.heads.inspection.normality import DESCRIPTIONS
from topwork.inductive.inspection.assembly import assemble_inspector
from topwork.inductive.inspection.choosing import ChosenDescription, choose_description
from topwork.inductive.inspection.part_maps import PartMaps, map_parts
from topwork.inductive.inspection.same_part import groups_of_parts, repeated_sign
from topwork.inductive.saving import Clock, model_name, saved
from topwork.intake.source_files import note_source_files
from topwork.model import check_target
from topwork.model.inspection.model import InspectorModel
from topwork.model.statistics import key_rows
from topwork.model.training_items import TrainingParts
from topwork.reporting.inspection.result import InspectionFitResult, InspectionScores, OddPart
from topwork.reporting.result import FeatureCounts, Seconds
from topwork.runtime.cluster.chosen import where_settings_say
from topwork.runtime.progress import Steps, no_steps
from topwork.settings.inspection import InspectionSettings

MAX_IMAGES = 2000
"""Good parts that distributions are fitted on; their maps are held in memory."""

_ODDEST = 10


@dataclass(frozen=True, slots=True)
class FittedInspector:
    """An inspector, and what is known of it."""

    model: InspectorModel
    result: InspectionFitResult


@where_settings_say
def fit_inspector(
    data: Dataset,
    settings: InspectionSettings | None = None,
    *,
    steps: Steps = no_steps,
    save_to: Path | None = None,
    read_seconds: float = 0.0,
) -> FittedInspector:
    """Fit an inspector on images of good parts, and save it if ``save_to`` is given.

    Parameters
    ----------
    data
        The images; their targets are not looked at.
    steps
        Where progress goes.
    read_seconds
        What finding the items took, for the record.

    Raises
    ------
    DataError
        There are too few good parts for the promised rate of false alarms, or too many images
        can't be read.
    BackboneError
        The network has no maps.
    BundleError
        ``save_to`` holds something that isn't a model.
    """
    settings = settings or InspectionSettings()
    if save_to is not None:
        check_target(save_to)
    told = np.arange(len(data)) if data.groups is None else data.groups
    check_promisable(len(np.unique(told)), settings.false_alarms)
    clock, begun = Clock(time.monotonic(), read_seconds), time.monotonic()
    maps = map_parts(
        surveyed(_sampled(data, settings.seed)),
        settings,
        progress=steps("Features"),
    )
    mapped = time.monotonic()
    groups, sentence = groups_of_parts(
        maps.data, maps.extraction.keys, maps.pooled, by_name=settings.name_groups
    )
    check_promisable(len(np.unique(groups)), settings.false_alarms)
    chosen = choose_description(maps, groups, seed=settings.seed, progress=steps("Judging"))
    good = GoodScores.of(chosen.scores, groups)
    judged = time.monotonic()
    head = DESCRIPTIONS[chosen.name].fit(maps.rows)
    seconds = {
        "features": mapped - begun,
        "judge": judged - mapped,
        "head": time.monotonic() - judged,
    }
    spent = clock.spent(seconds)
    sentences = (sentence, repeated_sign(maps.pooled, groups))
    result = _record(maps, settings, chosen, good, spent)
    notes = [*maps.data.hints, *(one for one in sentences if one)]
    result = result.model_copy(update={"notes": notes, "skipped": dict(data.ignored)})
    training = TrainingParts(
        scores=chosen.scores, groups=groups.astype(np.int32), keys=key_rows(maps.extraction.keys)
    )
    title = model_name(data, save_to, default="good parts")
    model = assemble_inspector(maps, head, training, result, title)
    if settings.cache:
        note_source_files(maps.extraction.keys, maps.data.items)
    return FittedInspector(model, saved(model, result, save_to, spent, clock))


def _sampled(data: Dataset, seed: int) -> Dataset:
    """As many images as are held in memory."""
    data = data.without_targets()
    if len(data) <= MAX_IMAGES:
        return data
    chosen = np.sort(np.random.default_rng(seed).permutation(len(data))[:MAX_IMAGES])
    said = f"{MAX_IMAGES:,} of {len(data):,} images were taken at random."
    return replace(data.take(chosen), hints=(*data.hints, said))


def _record(
    maps: PartMaps,
    settings: InspectionSettings,
    chosen: ChosenDescription,
    good: GoodScores,
    spent: Seconds,
) -> InspectionFitResult:
    extraction, items, scores = maps.extraction, maps.data.items, chosen.scores
    oddest = np.argsort(-scores, kind="stable")[:_ODDEST]
    return InspectionFitResult(
        backbone=maps.backbone.name,
        cuts=list(maps.cuts),
        head=chosen.name,
        pasted_auroc=dict(chosen.pasted_auroc),
        reason=chosen.reason,
        engine=maps.engine.name,
        precision=maps.engine.precision,
        n_items=len(items),
        n_groups=good.n_groups,
        rejected=RejectedRecord.of(extraction.rejected),
        features=FeatureCounts(computed=extraction.computed, cached=extraction.cached),
        false_alarms=settings.false_alarms,
        least_false_alarms=least_rate(good.n_groups),
        threshold=good.threshold(settings.false_alarms),
        scores=InspectionScores(
            false_alarm_rate=promised_rate(good.n_groups, settings.false_alarms)
        ),
        oddest=[OddPart(path=items[i].name, score=float(scores[i])) for i in oddest],
        seconds=spent,
    )
