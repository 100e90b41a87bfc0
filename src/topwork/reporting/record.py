"""The evidence of a fit as plain data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.cost import decide
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord, data_remarks
from topwork.intake.unlabelled import UnlabelledRecord
from topwork.novelty.unknown_detection import describe_detector
from topwork.reporting.fit_artifacts import FitArtifacts
from topwork.reporting.held_out import held_out_confusions, reliability
from topwork.reporting.result import Copies, FeatureCounts, FitResult, Seconds, Tried
from topwork.trials.calibrated import calibrated_probabilities
from topwork.trials.trial import Trial, targets_of
from topwork.validation.repeated import judge_repeats


def record(artifacts: FitArtifacts, seconds: Seconds) -> FitResult:
    """What ``fit`` found, for JSON and for people."""
    selected, asked = artifacts.chosen, artifacts.transfer
    extraction = asked.frozen.extraction
    n_seen = len(extraction.kept) + len(extraction.rejected)
    verdict = artifacts.judgement
    detection = describe_detector(artifacts.calibrated.detector, selected.frozen.data.kind)
    return FitResult(
        model=None,
        modality=selected.frozen.data.kind.name,
        cut_short=extraction.cut_short,
        asked=artifacts.asked,
        backbone=selected.frozen.opened.backbone.name,
        strategy=selected.candidate.strategy,
        head=selected.head.head,
        engine=selected.frozen.opened.engine.name,
        precision=selected.frozen.opened.engine.precision,
        n_items=len(asked.frozen.data),
        n_classes=len(targets_of(asked.frozen).labels),
        rejected=RejectedRecord.of(extraction.rejected),
        remarks=_remarks(artifacts),
        features=FeatureCounts(computed=extraction.computed, cached=extraction.cached),
        scores=verdict.scores if verdict else None,
        more=verdict.more if verdict else None,
        per_class=list(verdict.per_class) if verdict else [],
        duplicates=_copies(artifacts),
        tried=[_tried(trial, artifacts) for trial in _all_trials(artifacts)],
        choice=artifacts.choice,
        ladder=list(artifacts.rungs),
        transfer=artifacts.transfer_gain,
        columns=artifacts.columns,
        costs=artifacts.costs,
        learning_curve=artifacts.learning_curve,
        slices=list(artifacts.diagnostics.slices.all) if artifacts.diagnostics else [],
        doubtful_labels=list(artifacts.findings.doubtful_labels or ()),
        temperature=artifacts.calibrated.temperature,
        sets=artifacts.calibrated.sets,
        unknown_threshold=detection.threshold,
        unknown=detection,
        unlabelled=_unlabelled(artifacts),
        families=artifacts.families,
        screening=artifacts.screening,
        left_out_domains=artifacts.left_out_domains,
        confusions=held_out_confusions(artifacts),
        reliability=reliability(artifacts.calibrated.probabilities, artifacts.calibrated.codes),
        skipped=dict(asked.frozen.data.ignored),
        notes=list(asked.frozen.data.hints),
        seconds=seconds,
        images_per_second=n_seen / max(extraction.seconds, 1e-9),
    )


def _remarks(artifacts: FitArtifacts) -> list[RemarkRecord]:
    frozen = artifacts.transfer.frozen
    blank = artifacts.findings.blank
    return data_remarks(frozen.extraction.remarks, frozen.data, blank)


def _unlabelled(artifacts: FitArtifacts) -> UnlabelledRecord | None:
    more = artifacts.unlabelled
    return more.record(used=artifacts.chosen.unlabelled) if more else None


def _all_trials(artifacts: FitArtifacts) -> list[Trial]:
    """The trials from simple to complex, those on a part of the items before the transfer."""
    part = artifacts.diagnostics.untrained if artifacts.diagnostics else None
    place = artifacts.trials.index(artifacts.transfer)
    return [*artifacts.trials[:place], *([part] if part else []), *artifacts.trials[place:]]


def _copies(artifacts: FitArtifacts) -> Copies:
    codes = targets_of(artifacts.transfer.frozen).codes
    members = artifacts.duplicates.members()
    return Copies(
        n_items=sum(len(rows) for rows in members),
        n_groups=len(members),
        n_conflicts=sum(len(np.unique(codes[rows])) > 1 for rows in members),
    )


def _tried(trial: Trial, artifacts: FitArtifacts) -> Tried:
    targets = targets_of(trial.frozen)
    scores = None
    if artifacts.judgement is not None:
        labels = [str(label) for label in targets.labels]
        groups = artifacts.groups if trial.rows is None else artifacts.groups[trial.rows]
        held_out = trial.judged_rows
        judgement = (
            artifacts.judgement
            if trial is artifacts.chosen
            else judge_repeats(
                targets.codes[held_out],
                trial.probabilities[:, held_out],
                labels,
                predicted=_predicted(trial, artifacts)[:, held_out],
                groups=groups[held_out],
            )
        )
        scores = judgement.scores
    return Tried(
        name=trial.candidate.name,
        backbone=trial.frozen.opened.backbone.name,
        head=trial.head.head,
        n_items=int(trial.judged_rows.sum()),
        scores=scores,
        seconds=trial.seconds,
        cost=_cost(trial, artifacts),
        chosen=trial is artifacts.chosen,
        baseline=trial not in artifacts.trials[artifacts.trials.index(artifacts.transfer) :],
    )


def _predicted(trial: Trial, artifacts: FitArtifacts) -> NDArray[np.int64]:
    """What it predicts of held-out items, ``(r, n)``, at the threshold that costs set."""
    if artifacts.costs is None:
        return decide(trial.probabilities)
    return decide(calibrated_probabilities(trial), artifacts.costs.threshold)


def _cost(trial: Trial, artifacts: FitArtifacts) -> float | None:
    """Mean cost of a held-out item; ``None`` without costs."""
    if artifacts.costs is None or artifacts.cost_table is None:
        return None
    if trial is artifacts.chosen:
        return artifacts.costs.cost
    codes, rows = targets_of(trial.frozen).codes, trial.judged_rows
    predicted = _predicted(trial, artifacts)[:, rows]
    return float(
        artifacts.cost_table[np.broadcast_to(codes[rows], predicted.shape), predicted].mean()
    )
