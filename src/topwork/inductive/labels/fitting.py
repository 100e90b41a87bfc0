"""From items with several labels to a judged tagger: features once, logistic regressions on top."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, LabelTargets, surveyed
from topwork.errors import DataError
from topwork.inductive.labels.assembly import assemble_labels
from topwork.inductive.saving import Clock, model_name, saved
from topwork.intake.families import families_of
from topwork.intake.labelled import undivided
from topwork.intake.source_files import note_source_files
from topwork.intake.survey import Survey, survey
from topwork.model import LabelsModel, check_target
from topwork.quality import examine, find_duplicates
from topwork.reporting.labels.evidence import LabelsEvidence
from topwork.reporting.labels.record import record_labels
from topwork.reporting.labels.result import LabelsFitResult
from topwork.runtime.counted import counted
from topwork.runtime.progress import Steps, no_steps
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings
from topwork.settings.classes_only import check_classes_only, of_classes_only
from topwork.settings.detection import check_no_promise
from topwork.tasks.labels.miss import LabelMiss, fit_miss, margins_of
from topwork.tasks.labels.task import LABELS, LabelAnswers
from topwork.tasks.labels.thresholds import log_odds, probability
from topwork.trials.labels.candidates import (
    PIXELS,
    LabelCandidate,
    LabelSelection,
    frequency_candidate,
    logistic_candidate,
    select_candidate,
)
from topwork.trials.labels.words import word_candidate
from topwork.trials.modality import MODALITY_TRIALS
from topwork.trials.resolved import check_kind, resolved
from topwork.trials.trial import transfer_from

MIN_ITEMS = 4


@dataclass(frozen=True, slots=True)
class FittedLabels:
    """A tagger, what is known of it, and what that is known from."""

    model: LabelsModel
    result: LabelsFitResult
    artifacts: LabelsEvidence


def fit_labels(
    data: Dataset,
    settings: FitSettings | None = None,
    *,
    steps: Steps = no_steps,
    save_to: Path | None = None,
    read_seconds: float = 0.0,
) -> FittedLabels:
    """Fit a tagger on items with several labels, judge it, and save it if ``save_to`` is given.

    Parameters
    ----------
    data
        Items with `topwork.data.LabelTargets`.
    steps
        Where progress goes.
    read_seconds
        What finding the items took, for the record.

    Raises
    ------
    DataError
        No label tells the items apart, or too many items can't be read.
    ParameterError
        Something is asked for that only classifiers or detectors can have.
    BundleError
        ``save_to`` holds something that isn't a model.
    """
    kind = data.kind.name
    settings = resolved(settings or FitSettings(), kind)
    check_kind(settings, kind)
    check_no_promise(settings, "labels", may_miss=True)
    check_label_settings(settings)
    data = with_useful_labels(data)
    if save_to is not None:
        check_target(save_to)
    clock = Clock(time.monotonic(), read_seconds)
    artifacts, seconds = _artifacts(surveyed(data), RunContext(settings, steps))
    spent = clock.spent(seconds)
    result = record_labels(artifacts, spent)
    named = model_name(data, save_to, default=f"{kind}s")
    model = assemble_labels(artifacts, settings, result, named)
    if settings.cache:
        seen = artifacts.transfer.frozen
        note_source_files(seen.extraction.keys, seen.data.items)
    result = saved(model, result, save_to, spent, clock)
    return FittedLabels(model, result, artifacts)


def check_label_settings(settings: FitSettings) -> None:
    """Refuse what taggers can't do, before anything is computed.

    Raises
    ------
    ParameterError
        The first such setting.
    """
    check_classes_only(
        of_classes_only(settings, ("probe",)),
        "the items have several labels",
        remedy="Leave it out, or read each cell as one class with --task classes.",
    )


def with_useful_labels(data: Dataset) -> Dataset:
    """The same data without labels that all items have, or none; a hint says which.

    Raises
    ------
    DataError
        No label is left, or there are hardly any items.
    """
    targets = data.several
    if len(targets) < MIN_ITEMS:
        raise DataError(
            f"There are {len(targets)} {data.kind.name}s with labels.",
            remedy=f"Give at least {MIN_ITEMS}; comparisons take 30.",
            code="too_few",
        )
    known, has = (targets.presence >= 0).sum(axis=0), targets.counts()
    useful = (has > 0) & (has < known)
    if not useful.any():
        raise DataError(
            f"Each of the {len(useful)} labels is the same for all {len(targets)} items.",
            remedy="Add items that have other labels.",
            code="one_class",
        )
    if useful.all():
        return data
    lost = [label for label, one in zip(targets.labels, useful, strict=True) if not one]
    shown = ", ".join(lost[:5]) + (", ..." if len(lost) > 5 else "")
    hint = (
        f"{counted(len(lost), 'label')} that all items or none of them have were left out: {shown}."
    )
    return replace(data, targets=targets.keep_labels(useful), hints=(*data.hints, hint))


def _artifacts(
    data: Dataset, context: RunContext[FitSettings]
) -> tuple[LabelsEvidence, dict[str, float]]:
    """Everything that is measured, and the seconds of each part."""
    settings, clock = context.settings, [time.monotonic()]
    seen = survey(data, context)
    frozen = seen.frozen
    targets = with_useful_labels(frozen.data).several
    if targets.labels != frozen.data.several.labels:  # items with a label could not be read
        seen = _with_labels(seen, targets.labels)
        frozen = seen.frozen
    rarest = LABELS.strata(targets)
    duplicates = find_duplicates(
        frozen.extraction.keys,
        seen.similarity,
        frozen.features,
        rarest,
        near_duplicates=settings.near_duplicates,
    )
    families = families_of(frozen, seen.similarity, duplicates, settings)
    groups = undivided(frozen.data, duplicates, families)
    clock.append(time.monotonic())
    folds = LABELS.folds(targets, n_folds=settings.n_folds, groups=groups, seed=settings.seed)
    candidates = _candidates(seen, folds, context)
    selection = select_candidate(candidates, folds, groups)
    clock.append(time.monotonic())
    made = candidates[selection.chosen].finished()
    miss = _miss(selection, targets, settings.miss, groups)
    shift = 0.0 if miss is None or miss.shift is None else miss.shift
    margins = margins_of(selection.probabilities, selection.thresholds)
    artifacts = LabelsEvidence(
        asked=settings.backbone_name,
        candidates=candidates,
        selection=selection,
        made=made,
        answers=LabelAnswers(selection.probabilities, margins >= shift),
        thresholds=probability(log_odds(made.rules.thresholds) + shift),
        miss=miss,
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


def _with_labels(seen: Survey, labels: tuple[str, ...]) -> Survey:
    """The same survey with only these labels."""

    def kept(data: Dataset) -> Dataset:
        targets: LabelTargets = data.several
        return replace(data, targets=targets.keep_labels(np.isin(targets.labels, labels)))

    frozen = replace(seen.frozen, data=kept(seen.frozen.data))
    pixels = seen.pixels
    if pixels is not None:
        pixels = replace(pixels, data=kept(pixels.data))
    return replace(seen, frozen=frozen, pixels=pixels)


def _miss(
    selection: LabelSelection,
    targets: LabelTargets,
    miss: float | None,
    groups: NDArray[np.integer],
) -> LabelMiss | None:
    if miss is None:
        return None
    margins = margins_of(selection.probabilities, selection.thresholds)
    return fit_miss(margins, targets.presence, miss, groups=groups)


def _candidates(
    seen: Survey, folds: NDArray[np.integer], context: RunContext[FitSettings]
) -> list[LabelCandidate]:
    """The baselines and the transfer, from simple to complex, on the same folds."""
    frozen, pixels = seen.frozen, seen.pixels
    name = frozen.opened.backbone.name
    found: list[LabelCandidate] = []
    settings = context.settings
    if settings.baselines:
        found.append(frequency_candidate(pixels or frozen, folds))
        progress = context.steps("Baselines")
        of = MODALITY_TRIALS[frozen.data.kind.name]
        if of.words:
            found.append(word_candidate(frozen, folds, settings, progress=progress))
        elif pixels is not None and name != of.plain:
            found.append(
                logistic_candidate(PIXELS, pixels, folds, baseline=True, progress=progress)
            )
    transfer = logistic_candidate(
        transfer_from(name).name,
        frozen,
        folds,
        baseline=False,
        progress=context.steps("Head and folds"),
    )
    return [*found, transfer]
