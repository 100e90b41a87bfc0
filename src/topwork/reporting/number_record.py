"""The evidence of a fit of numbers as plain data."""

from __future__ import annotations

import numpy as np

from topwork.data import NumberTargets
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import data_remarks
from topwork.reporting.number_evidence import NumberEvidence
from topwork.reporting.number_result import NumberFitResult, NumberRange, NumberTried
from topwork.reporting.result import Copies, FeatureCounts, Seconds
from topwork.tasks.number.scores import NumberScores
from topwork.tasks.number.task import NUMBER
from topwork.trials.number_candidates import NumberCandidate


def record_numbers(artifacts: NumberEvidence, seconds: Seconds) -> NumberFitResult:
    """What ``fit`` found, for JSON and for people."""
    asked, made = artifacts.transfer.frozen, artifacts.made
    extraction, numbers = asked.extraction, artifacts.transfer.numbers
    n_seen = len(extraction.kept) + len(extraction.rejected)
    ends = artifacts.ends
    return NumberFitResult(
        modality=asked.opened.backbone.takes,
        asked=artifacts.asked,
        backbone=made.frozen.opened.backbone.name,
        head="constant" if artifacts.chosen.nested is None else "ridge",
        engine=made.frozen.opened.engine.name,
        precision=made.frozen.opened.engine.precision,
        n_items=len(asked.data),
        rejected=RejectedRecord.of(extraction.rejected),
        features=FeatureCounts(computed=extraction.computed, cached=extraction.cached),
        target=NumberRange(
            least=float(numbers.min()),
            median=float(np.median(numbers)),
            most=float(numbers.max()),
            n_distinct=len(np.unique(numbers)),
        ),
        transform=made.transform.name,
        scores=_scores(artifacts, artifacts.selection.predicted),
        intervals=made.intervals,
        mean_width=None if ends is None else float(np.mean(ends[1] - ends[0])),
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


def _scores(artifacts: NumberEvidence, predicted: np.ndarray) -> NumberScores:
    targets = NumberTargets(artifacts.transfer.numbers)
    return NUMBER.scores(targets, predicted, groups=artifacts.groups)


def _copies(artifacts: NumberEvidence) -> Copies:
    members = artifacts.duplicates.members()
    return Copies(n_items=sum(len(m) for m in members), n_groups=len(members), n_conflicts=0)


def _tried(candidate: NumberCandidate, artifacts: NumberEvidence) -> NumberTried:
    chosen = candidate is artifacts.chosen
    predicted = artifacts.selection.predicted if chosen else candidate.predicted
    return NumberTried(
        name=candidate.name,
        backbone=candidate.backbone,
        n_items=len(predicted),
        scores=_scores(artifacts, predicted),
        seconds=candidate.seconds,
        chosen=chosen,
        baseline=candidate.baseline,
    )
