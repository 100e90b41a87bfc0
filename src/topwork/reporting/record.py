"""The evidence of a fit as plain data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.cost import decide
from topwork.features.remarks import RemarkRecord, data_remarks
from topwork.intake.unlabelled import UnlabelledRecord
from topwork.model import RejectedRecord
from topwork.novelty.unknown_detection import describe_detector
from topwork.reporting.evidence import Evidence
from topwork.reporting.result import Copies, FeatureCounts, FitResult, Seconds, Tried
from topwork.trials.calibrated import calibrated_answers
from topwork.trials.trial import Trial, targets_of
from topwork.validation.repeated import judge_repeats


def record(evidence: Evidence, seconds: Seconds) -> FitResult:
    """What ``fit`` found, for JSON and for people."""
    shipped, asked = evidence.chosen, evidence.transfer
    extraction = asked.frozen.extraction
    n_seen = len(extraction.kept) + len(extraction.rejected)
    verdict = evidence.judgement
    detection = describe_detector(evidence.calibrated.detector, shipped.frozen.data.kind)
    return FitResult(
        model=None,
        kind=shipped.frozen.data.kind.name,
        cut_short=extraction.cut_short,
        asked=evidence.asked,
        backbone=shipped.frozen.opened.backbone.name,
        strategy=shipped.candidate.strategy,
        head=shipped.head.head,
        engine=shipped.frozen.opened.engine.name,
        precision=shipped.frozen.opened.engine.precision,
        n_items=len(asked.frozen.data),
        n_classes=len(targets_of(asked.frozen).labels),
        rejected=RejectedRecord.of(extraction.rejected),
        remarks=_remarks(evidence),
        features=FeatureCounts(computed=extraction.computed, cached=extraction.cached),
        scores=verdict.scores if verdict else None,
        more=verdict.more if verdict else None,
        per_class=list(verdict.per_class) if verdict else [],
        duplicates=_copies(evidence),
        tried=[_tried(trial, evidence) for trial in _all_trials(evidence)],
        choice=evidence.choice,
        ladder=list(evidence.rungs),
        transfer=evidence.benefit,
        costs=evidence.costs,
        learning_curve=evidence.depth.curve if evidence.depth else None,
        slices=list(evidence.depth.slices.all) if evidence.depth else [],
        doubtful_labels=list(evidence.findings.doubtful_labels or ()),
        temperature=evidence.calibrated.temperature,
        sets=evidence.calibrated.sets,
        unknown_threshold=detection.threshold,
        unknown=detection,
        unlabelled=_unlabelled(evidence),
        families=evidence.families,
        skipped=dict(asked.frozen.data.ignored),
        notes=list(asked.frozen.data.hints),
        seconds=seconds,
        images_per_second=n_seen / max(extraction.seconds, 1e-9),
    )


def _remarks(evidence: Evidence) -> list[RemarkRecord]:
    frozen = evidence.transfer.frozen
    blank = evidence.findings.blank
    return data_remarks(frozen.extraction.remarks, frozen.data, blank)


def _unlabelled(evidence: Evidence) -> UnlabelledRecord | None:
    more = evidence.unlabelled
    return more.record(used=evidence.chosen.instead_of is not None) if more else None


def _all_trials(evidence: Evidence) -> list[Trial]:
    """The trials from simple to complex, those on a part of the items before the transfer."""
    part = evidence.depth.untrained if evidence.depth else None
    place = evidence.trials.index(evidence.transfer)
    return [*evidence.trials[:place], *([part] if part else []), *evidence.trials[place:]]


def _copies(evidence: Evidence) -> Copies:
    codes = targets_of(evidence.transfer.frozen).codes
    members = evidence.duplicates.members()
    return Copies(
        n_items=sum(len(rows) for rows in members),
        n_groups=len(members),
        n_conflicts=sum(len(np.unique(codes[rows])) > 1 for rows in members),
    )


def _tried(trial: Trial, evidence: Evidence) -> Tried:
    targets = targets_of(trial.frozen)
    scores = None
    if evidence.judgement is not None:
        labels = [str(label) for label in targets.labels]
        groups = evidence.groups if trial.rows is None else evidence.groups[trial.rows]
        held_out = trial.judged_rows
        judgement = (
            evidence.judgement
            if trial is evidence.chosen
            else judge_repeats(
                targets.codes[held_out],
                trial.probabilities[:, held_out],
                labels,
                predicted=_predicted(trial, evidence)[:, held_out],
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
        cost=_cost(trial, evidence),
        chosen=trial is evidence.chosen,
        baseline=trial not in evidence.trials[evidence.trials.index(evidence.transfer) :],
    )


def _predicted(trial: Trial, evidence: Evidence) -> NDArray[np.int64]:
    """What it predicts of held-out items, ``(r, n)``, at the threshold that costs set."""
    if evidence.costs is None:
        return decide(trial.probabilities)
    return decide(calibrated_answers(trial), evidence.costs.threshold)


def _cost(trial: Trial, evidence: Evidence) -> float | None:
    """Mean cost of a held-out item; ``None`` without costs."""
    if evidence.costs is None or evidence.cost_table is None:
        return None
    if trial is evidence.chosen:
        return evidence.costs.cost
    codes, rows = targets_of(trial.frozen).codes, trial.judged_rows
    predicted = _predicted(trial, evidence)[:, rows]
    return float(
        evidence.cost_table[np.broadcast_to(codes[rows], predicted.shape), predicted].mean()
    )
