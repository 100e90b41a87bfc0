"""From labelled items to a judged model: features once, heads on top, an honest number."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.errors import DataError
from topwork.evaluation import Judgement, judge
from topwork.features import Progress, cache_folder, silent
from topwork.heads import stratified_folds
from topwork.inductive.assembly import assemble
from topwork.inductive.benefit import benefit, choose_trial
from topwork.inductive.calibrated import calibrate
from topwork.inductive.evidence import Evidence
from topwork.inductive.frozen import FrozenPart, open_backbone, read_once
from topwork.inductive.record import record
from topwork.inductive.result import FitResult, Seconds
from topwork.inductive.settings import FitSettings
from topwork.inductive.thumbnails import thumbnails_of, thumbnails_wanted
from topwork.inductive.trial import Candidate, Trial, baseline_trials, judged, targets_of
from topwork.model import Model, check_target
from topwork.quality import Duplicates, find_duplicates, join_groups

Steps = Callable[[str], Progress]
"""Gives, for the name of a step, the function that its progress is told to."""


def no_steps(name: str) -> Progress:  # noqa: ARG001
    """Shows no progress."""
    return silent


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model, what is known of it, and what that is known from."""

    model: Model
    result: FitResult
    evidence: Evidence


def fit(
    data: Dataset,
    settings: FitSettings | None = None,
    *,
    steps: Steps = no_steps,
    save_to: Path | None = None,
    read_seconds: float = 0.0,
) -> Fitted:
    """Fit a model on labelled items, judge it, and save it if ``save_to`` is given.

    Parameters
    ----------
    steps
        Where progress goes.
    read_seconds
        What finding the items took, for the record.

    Raises
    ------
    DataError
        The items have no labels or one label only, or too many can't be read.
    BundleError
        ``save_to`` holds something that isn't a model.
    """
    settings = settings or FitSettings()
    begun = time.monotonic()
    check_labels(data)
    if save_to is not None:
        check_target(save_to)
    evidence, seconds = _evidence(data, settings, steps)
    total = read_seconds + time.monotonic() - begun
    spent = Seconds(read=read_seconds, total=total, **seconds)
    result = record(evidence, spent)
    model = assemble(evidence, settings, result, Path(data.source).name or "images")
    if save_to is not None:
        model.save(save_to)
        total = read_seconds + time.monotonic() - begun
        spent = spent.model_copy(update={"total": total})
        result = result.model_copy(update={"model": str(save_to), "seconds": spent})
    return Fitted(model, result, evidence)


def check_labels(data: Dataset) -> None:
    """Refuse data that no classifier can be fitted on.

    Raises
    ------
    DataError
        The items have no labels, or one label only.
    """
    if data.targets is None:
        raise DataError(
            "These items have no labels.",
            remedy="Put the images of each class in a folder of its own, or give a table with "
            "the columns path and label.",
            code="no_labels",
        )
    present = np.unique(data.targets.codes)
    if len(present) < 2:
        only = f" ({data.targets.labels[present[0]]})" if len(present) else ""
        raise DataError(
            f"All {len(data)} items have the same label{only}.",
            remedy="A classifier needs at least two classes; add images of another one.",
            code="one_class",
        )


def _evidence(
    data: Dataset, settings: FitSettings, steps: Steps
) -> tuple[Evidence, dict[str, float]]:
    """Everything that is measured, and the seconds of each part."""
    clock = [time.monotonic()]
    frozen, pixels, pictures = _read(data, settings, steps("Features"))
    check_labels(frozen.data)
    codes = targets_of(frozen).codes
    duplicates = find_duplicates(frozen.extraction.keys, pictures, frozen.features, codes)
    groups = _groups(frozen, duplicates)
    clock.append(time.monotonic())
    folds = stratified_folds(codes, n_folds=settings.n_folds, groups=groups, seed=settings.seed)
    asked = Candidate(f"transfer from {frozen.opened.backbone.name}", settings.backbone)
    transfer = judged(asked, frozen, folds, settings, progress=steps("Head and folds"))
    simpler = (
        baseline_trials(pixels, folds, settings, steps("Baselines")) if settings.baselines else []
    )
    trials = [*simpler, transfer]
    clock.append(time.monotonic())
    chosen, verdict = choose_trial(trials, folds, groups)
    calibrated = calibrate(chosen, folds, groups, settings)
    evidence = Evidence(
        transfer=transfer,
        trials=trials,
        chosen=chosen,
        folds=folds,
        groups=groups,
        duplicates=duplicates,
        thumbnails=pictures,
        choice=verdict if simpler else None,
        benefit=benefit(trials, verdict, folds, groups) if simpler else None,
        calibrated=calibrated,
        judgement=_judgement(chosen, calibrated.probabilities, groups),
    )
    clock.append(time.monotonic())
    features, head, judge_seconds = np.diff(clock)
    return evidence, {"features": features, "head": head, "judge": judge_seconds}


def _read(
    data: Dataset, settings: FitSettings, progress: Progress
) -> tuple[FrozenPart, FrozenPart, NDArray[np.uint8]]:
    """One pass over the items: features of the backbone and of the pixels, and thumbnails."""
    asked = open_backbone(settings.backbone, settings)
    pictures = thumbnails_wanted(cache_folder() if settings.cache else None)
    beside = [pictures]
    pixels = asked
    if settings.baselines and asked.backbone.name != "pixels":
        pixels = open_backbone("pixels", settings)
        beside.append(pixels.wanted)
    read = read_once(data, asked.wanted, beside=beside, max_bad=settings.max_bad, progress=progress)
    frozen = asked.part(data, read)
    others = frozen if len(beside) == 1 else pixels.part(data, read)
    return frozen, others, thumbnails_of(read.keys, pictures.store)


def _groups(frozen: FrozenPart, duplicates: Duplicates) -> NDArray[np.int64]:
    """What must not be split: the user's groups, joined where pictures are the same."""
    if frozen.data.groups is None:
        return duplicates.groups
    return join_groups(frozen.data.groups, duplicates.groups)


def _judgement(
    trial: Trial, probabilities: NDArray[np.float32], groups: NDArray[np.int64]
) -> Judgement | None:
    """Scores of held-out answers; ``None`` where one item a class leaves nothing to judge by."""
    targets = targets_of(trial.frozen)
    if targets.counts().max() < 2:
        return None
    labels = [str(label) for label in targets.labels]
    return judge(targets.codes, probabilities, labels, groups=groups)
