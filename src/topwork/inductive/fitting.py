"""From labelled items to a judged model: features once, heads on top, an honest number."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.cost import CostThreshold, decide
from topwork.data import Dataset, surveyed
from topwork.diagnosis.more_labels import curve_of_labels
from topwork.diagnosis.thorough import diagnostics, untrained_trial
from topwork.features.opened_backbone import OpenedBackbone, open_backbone
from topwork.heads import stratified_folds
from topwork.inductive.assembly import assemble
from topwork.inductive.continual.continue_fit import go_on
from topwork.inductive.saving import Clock, model_name, saved
from topwork.intake.families import check_families, families_of
from topwork.intake.labelled import check_labels, undivided
from topwork.intake.source_files import note_source_files
from topwork.intake.survey import Survey, survey
from topwork.intake.unlabelled import read_unlabelled
from topwork.metrics import Judgement
from topwork.metrics.screening import Screening, screening
from topwork.model import Model, check_target
from topwork.quality import OutOfFold, examine, find_duplicates
from topwork.ranking.backbone_candidate import candidates_of
from topwork.ranking.ranking import rank
from topwork.reporting.fit_artifacts import FitArtifacts
from topwork.reporting.record import record
from topwork.reporting.result import FitResult
from topwork.runtime import cache_folder
from topwork.runtime.cluster.chosen import where_settings_say
from topwork.runtime.progress import Steps, no_steps
from topwork.runtime.run_context import RunContext
from topwork.runtime.scratch import Scratch
from topwork.search.ladder import search_ladder
from topwork.search.search_context import SearchContext
from topwork.settings import FitSettings
from topwork.settings.detection import check_no_promise
from topwork.settings.fit import AUTO, NEEDS_ITEMS, decided_by_start
from topwork.tasks.classification import CLASSES
from topwork.trials.beside.column_trials import column_trials, trees_trial
from topwork.trials.calibrated import Calibrated, calibrate
from topwork.trials.columns.further import with_beside
from topwork.trials.comparison import ModelComparison, answers_without_own
from topwork.trials.costs import check_costs, check_prevalence, cost_choice, cost_table
from topwork.trials.domains.left_out_domains import left_out_domains
from topwork.trials.few_shot import named_trial, prior_trial
from topwork.trials.gains.column_gain import column_gains
from topwork.trials.gains.transfer_gain import transfer_gain
from topwork.trials.int8 import in_int8
from topwork.trials.modality import MODALITY_TRIALS
from topwork.trials.precision_check import precision_check
from topwork.trials.resolved import check_kind, resolved
from topwork.trials.trial import Trial, judged, targets_of, transfer_from
from topwork.validation.repeated import judge_repeats

FOR_THE_REST = 0.04
"""Share of the minutes that is left for calibration and the report once the search is over."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model, what is known of it, and what that is known from."""

    model: Model
    result: FitResult
    artifacts: FitArtifacts


@where_settings_say
def fit(
    data: Dataset,
    settings: FitSettings | None = None,
    *,
    unlabelled: object = None,
    steps: Steps = no_steps,
    save_to: Path | None = None,
    read_seconds: float = 0.0,
) -> Fitted:
    """Fit a model on labelled items, judge it, and save it if ``save_to`` is given.

    Parameters
    ----------
    unlabelled
        Items of the same kind without labels: a folder, a table with a column ``path`` or
        ``text``, or a list of items. What learns from them is tried beside the rest.
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
    kind = data.kind.name
    settings = resolved(settings or FitSettings(), kind)
    check_kind(settings, kind)
    check_no_promise(settings, "classes")
    if settings.start is not None and unlabelled is not None:
        raise decided_by_start("unlabelled", unlabelled, NEEDS_ITEMS)
    clock = Clock(time.monotonic(), read_seconds)
    if settings.start is None:
        data = surveyed(data, settings.window)
        check_labels(data)
        check_costs(settings.costs, data.classes)
        check_prevalence(settings.prevalence, data.classes)
    if save_to is not None:
        check_target(save_to)
    ranking = None
    if settings.backbone == AUTO:
        ranking = rank(data, candidates_of("shortlist", kind), settings, timed=False, steps=steps)
        settings = replace(settings, backbone=ranking.best_network)
    scratch = Scratch(cache_folder() / "training" if settings.cache else None)
    context = RunContext(settings, steps, scratch=scratch)
    opened, int8 = None, None
    if settings.int8:
        plain = open_backbone(settings.backbone_name, settings)
        opened, int8 = in_int8(plain, data, context)
    if settings.strategy != "probe":
        context = context.within(60 * settings.minutes * (1 - FOR_THE_REST))
    artifacts, seconds = (
        _artifacts(data, context, opened=opened, unlabelled=unlabelled)
        if settings.start is None
        else go_on(data, context)
    )
    spent = clock.spent(seconds)
    continual_part = artifacts.continual_part.forgetting if artifacts.continual_part else None
    result = record(artifacts, spent).model_copy(
        update={"ranking": ranking, "continual": continual_part, "int8": int8}
    )
    named = model_name(data, save_to, default=f"{kind}s")
    model = assemble(artifacts, settings, result, named)
    if (
        artifacts.continual_part is None and settings.cache
    ):  # a model keeps what it compiles in the cache
        checked = precision_check(model, artifacts.chosen)
        result = result.model_copy(update={"precision_check": checked})
    if settings.cache and artifacts.continual_part is None:
        chosen = artifacts.chosen.frozen
        note_source_files(chosen.extraction.keys, chosen.data.items)
    result = saved(model, result, save_to, spent, clock)
    scratch.clear()
    return Fitted(model, result, artifacts)


def _artifacts(
    data: Dataset,
    context: RunContext[FitSettings],
    *,
    opened: OpenedBackbone | None,
    unlabelled: object,
) -> tuple[FitArtifacts, dict[str, float]]:
    """Everything that is measured, and the seconds of each part."""
    settings, clock = context.settings, [time.monotonic()]
    seen = survey(data, context, opened=opened)
    further, frozen = with_beside(seen.frozen, context.steps("Further images"))
    check_labels(frozen.data)
    check_costs(settings.costs, targets_of(frozen))
    codes = targets_of(frozen).codes
    keys = frozen.extraction.keys
    duplicates = find_duplicates(
        keys,
        seen.similarity,
        frozen.features,
        codes,
        near_duplicates=settings.near_duplicates,
    )
    families = families_of(frozen, seen.similarity, duplicates, settings)
    groups = undivided(frozen.data, duplicates, families)
    clock.append(time.monotonic())
    folds = _folds(CLASSES.strata(targets_of(frozen)), groups, settings)
    asked = transfer_from(frozen.opened.backbone.name)
    transfer = judged(asked, frozen, folds, settings, progress=context.steps("Head and folds"))
    few = _few_shot(transfer, folds, context)
    beside = column_trials(
        transfer, further, folds, groups, settings, progress=context.steps("Columns")
    )
    columns = further.columns if further and beside else None
    trees = trees_trial(transfer, columns, folds, settings)
    alone = [trial for trial in beside if not trial.above]
    simpler = [*_simpler(seen, folds, context), *alone, *([trees] if trees else [])]
    untrained = (
        untrained_trial(frozen, folds, context)
        if settings.thorough and settings.baselines
        else None
    )
    if untrained and untrained.rows is None:
        simpler.append(untrained)
    comparison = ModelComparison(folds, groups, cost_table(settings.costs, targets_of(frozen)))
    more = None if unlabelled is None else read_unlabelled(unlabelled, transfer, context)
    searched = search_ladder(transfer, SearchContext(frozen.data, comparison, context, more))
    trials = [
        *simpler,
        transfer,
        *few,
        *(trial for trial in beside if trial.above),
        *searched.trials,
    ]
    request = _requested([transfer, *searched.trials], settings)
    best, verdict = comparison.choose(trials, request)
    choices = comparison.choices_without_own(trials, request)
    chosen = trials[best] = trials[best].finished()
    answers = answers_without_own(trials, chosen, choices)
    clock.append(time.monotonic())
    calibrated = calibrate(chosen, folds[0], groups, settings)
    costs = cost_choice(
        settings.costs,
        answers[0, chosen.judged_rows],
        targets_of(chosen.frozen),
        folds=folds,
        groups=groups,
        rows=chosen.judged_rows,
    )
    findings = examine(
        frozen.data,
        seen.similarity,
        duplicates,
        rejected=frozen.extraction.rejected,
        out_of_fold=_out_of_fold(transfer),
        families=families,
    )
    above = chosen if best > len(simpler) and chosen.beside is None else transfer
    baselines = [trial for trial in simpler if trial.beside is None and trial.selectable]
    predicted = decide(calibrated.probabilities, costs.threshold if costs else None)
    artifacts = FitArtifacts(
        asked=settings.backbone_name,
        transfer=transfer,
        trials=trials,
        chosen=chosen,
        folds=folds,
        groups=groups,
        duplicates=duplicates,
        findings=findings,
        choice=verdict if len(trials) > 1 else None,
        transfer_gain=transfer_gain(
            baselines,
            above,
            comparison,
            selected=chosen,
            scores=comparison.scores_of(answers, codes),
        )
        if baselines
        else None,
        columns=column_gains(beside, transfer, chosen, comparison, trees),
        rungs=searched.rungs,
        unlabelled=more,
        sketches=seen.sketches,
        families=check_families(families, duplicates, transfer, settings),
        calibrated=calibrated,
        costs=costs,
        left_out_domains=left_out_domains(transfer, groups, settings),
        screening=_screening(chosen, calibrated, folds[0], groups, settings),
        cost_table=comparison.costs,
        judgement=_judgement(chosen, answers, costs, groups),
        learning_curve=curve_of_labels(chosen, transfer, folds[0], groups, settings),
        diagnostics=diagnostics(
            seen,
            chosen,
            calibrated,
            predicted,
            untrained,
            groups=groups,
            settings=settings,
        )
        if settings.thorough
        else None,
    )
    clock.append(time.monotonic())
    features, head, judge_seconds = np.diff(clock)
    return artifacts, {"features": features, "head": head, "judge": judge_seconds}


def _folds(
    codes: NDArray[np.integer], groups: NDArray[np.int64], settings: FitSettings
) -> NDArray[np.int64]:
    """Divisions into folds, ``(r, n)``."""
    return np.stack(
        [
            stratified_folds(
                codes, n_folds=settings.n_folds, groups=groups, seed=settings.seed + repeat
            )
            for repeat in range(settings.repeats)
        ]
    )


def _simpler(
    seen: Survey, folds: NDArray[np.int64], context: RunContext[FitSettings]
) -> list[Trial]:
    """The baselines for items of this kind."""
    of = MODALITY_TRIALS[seen.frozen.data.kind.name]
    return of.baselines(seen.frozen, seen.pixels, folds, context)


def _few_shot(
    transfer: Trial, folds: NDArray[np.int64], context: RunContext[FitSettings]
) -> list[Trial]:
    """The probe with the names of the classes, where they have features, or with a prior."""
    of = MODALITY_TRIALS[transfer.frozen.data.kind.name]
    found = prior_trial(transfer, folds, context.settings)
    if found is None and of.name_rows is not None:
        found = named_trial(transfer, folds, context, of.name_rows)
    return [] if found is None else [found]


def _out_of_fold(transfer: Trial) -> OutOfFold | None:
    """What doubtful labels are told by; ``None`` where one item per class tells nothing."""
    if targets_of(transfer.frozen).counts().max() < 2:
        return None
    return OutOfFold(transfer.head.probabilities_oof, transfer.head.seen)


def _requested(trials: Sequence[Trial], settings: FitSettings) -> Trial:
    """What is used where nothing can be compared: the strategy that was asked for, or the probe."""
    asked = [
        trial
        for trial in trials
        if trial.candidate.strategy == settings.strategy
        and trial.selectable
        and trial.judged_on is None
    ]
    return asked[0] if asked else trials[0]


def _screening(
    chosen: Trial,
    calibrated: Calibrated,
    folds: NDArray[np.int64],
    groups: NDArray[np.int64],
    settings: FitSettings,
) -> Screening | None:
    """Two classes as a test for one of them."""
    rows = calibrated.rows
    return screening(
        [str(label) for label in targets_of(chosen.frozen).labels],
        calibrated.codes,
        calibrated.probabilities,
        folds[rows],
        groups=groups[rows],
        prevalence=settings.prevalence,
    )


def _judgement(
    chosen: Trial,
    answers: NDArray[np.float32],
    costs: CostThreshold | None,
    groups: NDArray[np.int64],
) -> Judgement | None:
    """Scores of held-out answers; ``None`` where one item per class leaves nothing to judge by.

    Parameters
    ----------
    answers
        Held-out probabilities with the selection repeated without each item, ``(r, n, k)``.
    """
    targets, rows = targets_of(chosen.frozen), chosen.judged_rows
    if targets.counts().max() < 2:
        return None
    predicted = decide(answers, costs.threshold if costs else None)
    return judge_repeats(
        targets.codes[rows],
        answers[:, rows],
        [str(label) for label in targets.labels],
        predicted=predicted[:, rows],
        groups=groups[rows],
    )
