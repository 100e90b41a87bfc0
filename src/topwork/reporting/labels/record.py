"""The evidence of a fit of several labels as plain data."""

from __future__ import annotations

from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import data_remarks
from topwork.reporting.labels.evidence import LabelsEvidence
from topwork.reporting.labels.result import LabelRule, LabelsFitResult, LabelsTried
from topwork.reporting.result import Copies, FeatureCounts, Seconds
from topwork.tasks.labels.scores import label_scores
from topwork.tasks.labels.task import LABELS, LabelAnswers
from topwork.trials.labels.candidates import LabelCandidate


def record_labels(artifacts: LabelsEvidence, seconds: Seconds) -> LabelsFitResult:
    """What ``fit`` found, for JSON and for people."""
    asked, made, targets = artifacts.transfer.frozen, artifacts.made, artifacts.targets
    extraction, answers = asked.extraction, artifacts.answers
    n_seen = len(extraction.kept) + len(extraction.rejected)
    labels = list(targets.labels)
    rules = zip(labels, artifacts.thresholds, made.rules.temperatures, strict=True)
    return LabelsFitResult(
        modality=asked.opened.backbone.takes,
        asked=artifacts.asked,
        backbone=made.frozen.opened.backbone.name,
        head="constant" if artifacts.chosen.nested is None else "logistic",
        engine=made.frozen.opened.engine.name,
        precision=made.frozen.opened.engine.precision,
        n_items=len(asked.data),
        rejected=RejectedRecord.of(extraction.rejected),
        features=FeatureCounts(computed=extraction.computed, cached=extraction.cached),
        labels=labels,
        labels_per_item=float((targets.presence == 1).sum(axis=1).mean()),
        scores=LABELS.scores(targets, answers, groups=artifacts.groups),
        per_label=list(
            label_scores(
                targets.presence,
                answers.probabilities,
                answers.given,
                labels,
                groups=artifacts.groups,
                cross_validated=True,
            )
        ),
        rules=[
            LabelRule(label=label, threshold=float(least), temperature=float(divisor))
            for label, least, divisor in rules
        ],
        miss=artifacts.miss,
        duplicates=_copies(artifacts),
        n_families=len(artifacts.findings.families),
        tried=[_tried(candidate, artifacts) for candidate in artifacts.candidates],
        choice=artifacts.selection.verdict,
        seconds=seconds,
        images_per_second=n_seen / max(extraction.seconds, 1e-9),
        cut_short=extraction.cut_short,
        remarks=data_remarks(extraction.remarks, asked.data, artifacts.findings.blank),
        skipped=dict(asked.data.ignored),
        notes=list(asked.data.hints),
    )


def _copies(artifacts: LabelsEvidence) -> Copies:
    members = artifacts.duplicates.members()
    conflicts = len(artifacts.findings.conflicts)
    return Copies(
        n_items=sum(len(m) for m in members), n_groups=len(members), n_conflicts=conflicts
    )


def _tried(candidate: LabelCandidate, artifacts: LabelsEvidence) -> LabelsTried:
    chosen = candidate is artifacts.chosen
    answers = artifacts.answers
    if not chosen:
        p = candidate.probabilities
        answers = LabelAnswers(p, p >= candidate.thresholds)
    return LabelsTried(
        name=candidate.name,
        backbone=candidate.backbone,
        n_items=len(answers.probabilities),
        scores=LABELS.scores(artifacts.targets, answers, groups=artifacts.groups),
        seconds=candidate.seconds,
        chosen=chosen,
        baseline=candidate.baseline,
    )
