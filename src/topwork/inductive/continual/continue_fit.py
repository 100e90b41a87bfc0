"""Going on from a saved model: new classes, new images, or both, without the earlier images."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.sources.tfidf import TFIDF
from topwork.calibration.cost import CostThreshold, decide
from topwork.data import ClassTargets, Dataset
from topwork.errors import DataError
from topwork.features.hashed_words import hashed_words
from topwork.heads import stratified_folds
from topwork.inductive.continual.forgetting import forgetting
from topwork.inductive.continual.gaussian_replay import GaussianReplay, gaussian_replay, judged_with
from topwork.inductive.continual.label_space import unite
from topwork.inductive.continual.rehearsal import RehearsalRows, remember
from topwork.inductive.continual.start_model import StartModel, open_start_model
from topwork.intake.families import families_of
from topwork.intake.labelled import check_labelled
from topwork.intake.survey import Survey, survey
from topwork.metrics import Judgement
from topwork.model import merge
from topwork.quality import Duplicates, Findings, OutOfFold, examine, find_duplicates
from topwork.reporting.continual_artifacts import ContinualArtifacts
from topwork.reporting.fit_artifacts import FitArtifacts
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings
from topwork.trials.calibrated import calibrate, calibrated_probabilities
from topwork.trials.costs import check_costs, cost_choice
from topwork.trials.trial import Candidate, Trial, targets_of
from topwork.validation.repeated import judge_repeats


def go_on(data: Dataset, context: RunContext[FitSettings]) -> tuple[FitArtifacts, dict[str, float]]:
    """Fit a head on the rows that a model stores and on new items; also seconds of each part.

    Raises
    ------
    DataError
        The items have no labels, too many can't be read, or the model has seen them all.
    BundleError
        The model can't be gone on from.
    """
    settings = context.settings
    assert settings.start is not None
    clock = [time.monotonic()]
    check_labelled(data)
    start_model = open_start_model(settings.start, settings)
    data = data.read_by(start_model.model.kind, start_model.place)
    plain = replace(settings, baselines=False)  # pixels of the earlier images are not there
    seen = survey(data, replace(context, settings=plain), opened=start_model.opened)
    new = seen.frozen
    classes = unite(start_model.labels, targets_of(new).labels)
    check_costs(settings.costs, ClassTargets(np.zeros(0, np.int64), classes.labels))
    duplicates = find_duplicates(
        new.extraction.keys,
        seen.similarity,
        new.features,
        targets_of(new).codes,
        near_duplicates=settings.near_duplicates,
    )
    families = families_of(new, seen.similarity, duplicates, settings)
    rows = remember(start_model, new, duplicates, classes, families=families)
    _check_new(rows, start_model)
    clock.append(time.monotonic())
    folds = stratified_folds(
        rows.codes, n_folds=settings.n_folds, groups=rows.groups, seed=settings.seed
    )
    absent = gaussian_replay(
        start_model.statistics,
        rows.frozen.features,
        rows.codes,
        at_hand=rows.start_model,
        seed=settings.seed,
    )
    trial = _trial(rows, absent, folds, start_model=start_model, context=context)
    clock.append(time.monotonic())
    artifacts = _artifacts(
        trial,
        rows,
        folds,
        start_model=start_model,
        findings=_findings(seen, rows, duplicates, trial),
        warnings=classes.warnings,
        sketches=seen.sketches,
        settings=settings,
    )
    clock.append(time.monotonic())
    features, head, judge = np.diff(clock)
    return artifacts, {"features": features, "head": head, "judge": judge}


def _check_new(rows: RehearsalRows, start_model: StartModel) -> None:
    if rows.known.all():
        kind = start_model.model.card.kind
        raise DataError(
            f"All {len(rows.known)} readable {kind}s were already used to train "
            f"{start_model.place}.",
            remedy=f"Give {kind}s that are new to it; to fit the same ones again, leave --from "
            "(start) out.",
            code="nothing_new",
        )


def _trial(
    rows: RehearsalRows,
    absent: GaussianReplay,
    folds: NDArray[np.integer],
    *,
    start_model: StartModel,
    context: RunContext[FitSettings],
) -> Trial:
    """The head on stored rows, replayed rows and new items, judged on folds of the real ones."""
    begun = time.monotonic()
    card = start_model.model.card
    head = judged_with(
        absent,
        rows.frozen.features,
        rows.codes,
        len(targets_of(rows.frozen).labels),
        folds=folds,
        class_weight=context.settings.class_weight,
        progress=context.steps("Head and folds"),
    )
    candidate = Candidate(
        f"continued from {start_model.place}", card.backbone, strategy=card.strategy
    )
    return Trial(candidate, rows.frozen, (head,), time.monotonic() - begun)


def _artifacts(
    trial: Trial,
    rows: RehearsalRows,
    folds: NDArray[np.intp],
    *,
    start_model: StartModel,
    findings: Findings,
    warnings: tuple[str, ...],
    sketches: NDArray[np.int8] | None,
    settings: FitSettings,
) -> FitArtifacts:
    targets = targets_of(rows.frozen)
    divisions = folds[None]
    calibrated = calibrate(trial, folds, rows.groups, settings)
    costs = cost_choice(
        settings.costs,
        calibrated.probabilities,
        targets,
        folds=divisions,
        groups=rows.groups,
        rows=calibrated.rows,
    )
    return FitArtifacts(
        asked=start_model.model.card.backbone,
        transfer=trial,
        trials=[trial],
        chosen=trial,
        folds=divisions,
        groups=rows.groups,
        duplicates=rows.duplicates,
        findings=findings,
        choice=None,
        transfer_gain=None,
        rungs=(),
        calibrated=calibrated,
        costs=costs,
        judgement=_judgement(trial, costs, rows.groups),
        diagnostics=None,
        continual_part=ContinualArtifacts(
            forgetting=forgetting(
                start_model,
                rows,
                trial.head,
                folds=folds,
                settings=settings,
                warnings=warnings,
            ),
            statistics=merge(
                start_model.statistics,
                rows.rows(trial.head.logits_oof),
                len(targets.labels),
                seed=settings.seed,
                sketches=sketches,
                hashed=(
                    partial(hashed_words, rows.frozen.data)
                    if start_model.model.card.backbone == TFIDF
                    else None
                ),
            ),
            started_from=start_model.started_from(int(rows.added.sum())),
        ),
    )


def _findings(seen: Survey, rows: RehearsalRows, duplicates: Duplicates, trial: Trial) -> Findings:
    """What there is to say of the new items; stored rows have no images to look at."""
    head, r = trial.head, rows.n_rows
    codes, labels = rows.codes[r:], targets_of(rows.frozen).labels
    found = examine(
        replace(seen.frozen.data, targets=ClassTargets(codes, labels)),
        seen.similarity,
        duplicates,
        rejected=seen.frozen.extraction.rejected,
        out_of_fold=OutOfFold(head.probabilities_oof[r:], head.seen[r:]),
    )
    there = [count for count in found.classes if count.n]
    sizes = [count.n for count in there]
    return found.model_copy(
        update={
            "classes": tuple(there),
            "small_classes": tuple(set(found.small_classes) & {count.label for count in there}),
            "imbalance": max(sizes) / min(sizes),
        }
    )


def _judgement(
    trial: Trial, costs: CostThreshold | None, groups: NDArray[np.int64]
) -> Judgement | None:
    """Scores of held-out answers; ``None`` where one row per class leaves nothing to judge by."""
    targets = targets_of(trial.frozen)
    if targets.counts().max() < 2:
        return None
    probabilities = calibrated_probabilities(trial)
    predicted = decide(probabilities, costs.threshold if costs else None)
    labels = [str(label) for label in targets.labels]
    return judge_repeats(targets.codes, probabilities, labels, predicted=predicted, groups=groups)
