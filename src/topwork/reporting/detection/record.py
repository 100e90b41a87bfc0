"""The evidence of a fit of boxes as plain data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import data_remarks
from topwork.metrics import Score
from topwork.metrics.detection import Detections
from topwork.metrics.detection.false_detections import false_detections
from topwork.metrics.detection.scores import detection_scores
from topwork.model.detection.class_of_boxes import classes_of_boxes
from topwork.model.detection.evaluation import at_threshold
from topwork.reporting.detection.evidence import DetectionEvidence
from topwork.reporting.detection.result import (
    DetectionFitResult,
    DetectorInput,
    DetectorTried,
    SecondLookRecord,
)
from topwork.reporting.result import Copies, FeatureCounts, Seconds
from topwork.trials.detection.baselines import BaselineDetector
from topwork.trials.detection.trial import DetectorTrial


def record_detection(evidence: DetectionEvidence, seconds: Seconds) -> DetectionFitResult:
    """What ``fit`` found, for JSON and for people."""
    mapped, targets, plan = evidence.mapped, evidence.targets, evidence.plan
    judged = evidence.judged()
    extraction, first = mapped.extraction, evidence.survey.frozen.extraction
    n_seen = len(extraction.kept) * mapped.cuts[0].n_views
    return DetectionFitResult(
        asked=evidence.asked,
        backbone=evidence.network,
        engine="openvino",
        precision="float32",
        n_items=len(mapped.data),
        n_objects=int(targets.counts().sum()),
        n_negatives=sum(not (~one.ignored).any() for one in targets.images),
        n_classes=len(targets.labels),
        rejected=RejectedRecord.of(first.rejected),
        features=FeatureCounts(computed=extraction.computed, cached=extraction.cached),
        input=DetectorInput(
            height=plan.height,
            width=plan.width,
            strides=plan.strides,
            by_queries=evidence.chosen.by_queries,
            views=mapped.cuts[0].n_views,
            steps=plan.steps,
            tiles=plan.tiles,
        ),
        scores=detection_scores(
            targets, evidence.detections, evidence.groups, cross_validated=True
        ),
        per_class=classes_of_boxes(targets, judged.matches),
        at_threshold=at_threshold(judged.matches, evidence.threshold),
        promises=evidence.thresholded.promises,
        strategy=evidence.chosen.strategy,
        tried=[
            *(_baseline(found, evidence) for found in evidence.search.baselines),
            *(_tried(trial, evidence) for trial in evidence.search.trials),
        ],
        transfer=evidence.search.gain,
        choice=evidence.selection,
        ladder=list(evidence.search.rungs),
        second_look=_second_look(evidence),
        errors=false_detections(judged.matches, threshold=evidence.threshold),
        duplicates=_copies(evidence),
        n_families=len(evidence.findings.families),
        seconds=seconds,
        images_per_second=n_seen / max(extraction.seconds, 1e-9),
        remarks=data_remarks(first.remarks, evidence.survey.frozen.data, evidence.findings.blank),
        skipped=dict(mapped.data.ignored),
        notes=list(mapped.data.hints),
    )


def _copies(evidence: DetectionEvidence) -> Copies:
    members = evidence.duplicates.members()
    return Copies(n_items=sum(len(m) for m in members), n_groups=len(members), n_conflicts=0)


def _second_look(evidence: DetectionEvidence) -> SecondLookRecord:
    found = evidence.thresholded.probability
    return SecondLookRecord(
        used=found.look is not None,
        looks_at=found.looks_at,
        change=found.change,
        reason=found.reason,
    )


def _tried(trial: DetectorTrial, evidence: DetectionEvidence) -> DetectorTried:
    plan, found = trial.fitted.plan, trial.fitted.detections
    ap50 = _ap50(evidence, np.arange(len(found)), found)
    return DetectorTried(
        name=trial.name,
        height=plan.height,
        width=plan.width,
        steps=plan.steps,
        ap50=ap50.value,
        low=ap50.low,
        high=ap50.high,
        n_items=len(found),
        seconds=trial.seconds,
        chosen=trial is evidence.chosen,
    )


def _baseline(found: BaselineDetector, evidence: DetectionEvidence) -> DetectorTried:
    plan = evidence.search.trials[0].fitted.plan
    ap50 = _ap50(evidence, found.rows, found.detections)
    return DetectorTried(
        name=found.name,
        height=plan.height,
        width=plan.width,
        steps=found.steps,
        ap50=ap50.value,
        low=ap50.low,
        high=ap50.high,
        n_items=len(found.rows),
        seconds=found.seconds,
        chosen=False,
        baseline=True,
    )


def _ap50(
    evidence: DetectionEvidence, rows: NDArray[np.intp], detections: Sequence[Detections]
) -> Score:
    targets, groups = evidence.targets.take(rows), evidence.groups[rows]
    return detection_scores(targets, detections, groups, cross_validated=True).ap50
