"""From items with numbers to a judged regressor: features once, a ridge on top."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, surveyed
from topwork.errors import DataError
from topwork.heads import stratified_folds
from topwork.inductive.number_assembly import assemble_numbers
from topwork.inductive.saving import Clock, model_name, saved
from topwork.intake.families import families_of
from topwork.intake.labelled import undivided
from topwork.intake.source_files import note_source_files
from topwork.intake.survey import Survey, survey
from topwork.model import NumberModel, check_target
from topwork.quality import examine, find_duplicates
from topwork.reporting.number_evidence import NumberEvidence
from topwork.reporting.number_record import record_numbers
from topwork.reporting.number_result import NumberFitResult
from topwork.runtime.progress import Steps, no_steps
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings
from topwork.settings.classes_only import check_classes_only, of_classes_only
from topwork.settings.detection import check_no_promise
from topwork.tasks.registry import strata_of
from topwork.trials.modality import MODALITY_TRIALS
from topwork.trials.number_candidates import (
    PIXELS,
    NumberCandidate,
    median_candidate,
    ridge_candidate,
    select_candidate,
)
from topwork.trials.number_words import word_candidate
from topwork.trials.resolved import check_kind, resolved
from topwork.trials.trial import transfer_from

MIN_ITEMS = 4


@dataclass(frozen=True, slots=True)
class FittedNumbers:
    """A regressor, what is known of it, and what that is known from."""

    model: NumberModel
    result: NumberFitResult
    artifacts: NumberEvidence


def fit_numbers(
    data: Dataset,
    settings: FitSettings | None = None,
    *,
    steps: Steps = no_steps,
    save_to: Path | None = None,
    read_seconds: float = 0.0,
) -> FittedNumbers:
    """Fit a regressor on items with numbers, judge it, and save it if ``save_to`` is given.

    Parameters
    ----------
    data
        Items with `topwork.data.NumberTargets`.
    steps
        Where progress goes.
    read_seconds
        What finding the items took, for the record.

    Raises
    ------
    DataError
        The items have no numbers or one number only, or too many can't be read.
    ParameterError
        Something is asked for that only classifiers can have.
    BundleError
        ``save_to`` holds something that isn't a model.
    """
    kind = data.kind.name
    settings = resolved(settings or FitSettings(), kind)
    check_kind(settings, kind)
    check_no_promise(settings, "numbers")
    check_number_settings(settings)
    _check_numbers(data)
    if save_to is not None:
        check_target(save_to)
    clock = Clock(time.monotonic(), read_seconds)
    artifacts, seconds = _artifacts(surveyed(data), RunContext(settings, steps))
    spent = clock.spent(seconds)
    result = record_numbers(artifacts, spent)
    named = model_name(data, save_to, default=f"{kind}s")
    model = assemble_numbers(artifacts, settings, result, named)
    if settings.cache:
        seen = artifacts.transfer.frozen
        note_source_files(seen.extraction.keys, seen.data.items)
    result = saved(model, result, save_to, spent, clock)
    return FittedNumbers(model, result, artifacts)


def check_number_settings(settings: FitSettings) -> None:
    """Refuse what regressors can't do, before anything is computed.

    Raises
    ------
    ParameterError
        The first such setting.
    """
    check_classes_only(
        of_classes_only(settings, ("probe",)),
        "the labels are numbers",
        remedy="Leave it out, or read the labels as classes with --task classes.",
    )


def _check_numbers(data: Dataset) -> None:
    numbers = data.numbers
    if len(numbers) < MIN_ITEMS:
        raise DataError(
            f"There are {len(numbers)} {data.kind.name}s with a number.",
            remedy=f"Give at least {MIN_ITEMS}; intervals at 90 % take 9, comparisons 30.",
            code="too_few",
        )
    if np.ptp(numbers) == 0:
        raise DataError(
            f"All {len(numbers)} {data.kind.name}s have the same number, {numbers[0]:g}.",
            remedy="Add items with other numbers, or name another column with --label NAME.",
            code="one_number",
        )


def _artifacts(
    data: Dataset, context: RunContext[FitSettings]
) -> tuple[NumberEvidence, dict[str, float]]:
    """Everything that is measured, and the seconds of each part."""
    settings, clock = context.settings, [time.monotonic()]
    seen = survey(data, context)
    frozen = seen.frozen
    _check_numbers(frozen.data)
    bins = strata_of(frozen.data)
    keys = frozen.extraction.keys
    duplicates = find_duplicates(
        keys,
        seen.similarity,
        frozen.features,
        bins,
        near_duplicates=settings.near_duplicates,
    )
    families = families_of(frozen, seen.similarity, duplicates, settings)
    groups = undivided(frozen.data, duplicates, families)
    clock.append(time.monotonic())
    folds = stratified_folds(bins, n_folds=settings.n_folds, groups=groups, seed=settings.seed)
    candidates = _candidates(seen, folds, groups, context)
    selection = select_candidate(candidates, folds, groups)
    clock.append(time.monotonic())
    made = candidates[selection.chosen].finished(error_rate=settings.error_rate, groups=groups)
    artifacts = NumberEvidence(
        asked=settings.backbone_name,
        candidates=candidates,
        selection=selection,
        made=made,
        folds=folds,
        groups=groups,
        duplicates=duplicates,
        families=families,
        findings=examine(
            frozen.data,
            seen.similarity,
            duplicates,
            rejected=frozen.extraction.rejected,
            families=families,
        ),
        sketches=seen.sketches,
    )
    clock.append(time.monotonic())
    features, head, judge = np.diff(clock)
    return artifacts, {"features": features, "head": head, "judge": judge}


def _candidates(
    seen: Survey,
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    context: RunContext[FitSettings],
) -> list[NumberCandidate]:
    """The baselines and the transfer, from simple to complex, on the same folds."""
    frozen, pixels = seen.frozen, seen.pixels
    name = frozen.opened.backbone.name
    found: list[NumberCandidate] = []
    settings = context.settings
    if settings.baselines:
        found.append(median_candidate(pixels or frozen, folds))
        progress = context.steps("Baselines")
        of = MODALITY_TRIALS[frozen.data.kind.name]
        if of.words:
            found.append(word_candidate(frozen, folds, settings, groups=groups, progress=progress))
        elif pixels is not None and name != of.plain:
            found.append(
                ridge_candidate(
                    PIXELS, pixels, folds, groups=groups, baseline=True, progress=progress
                )
            )
    transfer = ridge_candidate(
        transfer_from(name).name,
        frozen,
        folds,
        groups=groups,
        baseline=False,
        progress=context.steps("Head and folds"),
    )
    return [*found, transfer]
