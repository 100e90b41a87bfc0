"""Every score that evaluation knows has its text here."""

from __future__ import annotations

from topwork.metrics.detection.scores import DetectionScores
from topwork.metrics.records import MoreScores, Score, Scores
from topwork.report import METRICS, reported_metrics
from topwork.tasks.labels.scores import LabelsScores
from topwork.tasks.number.scores import NumberScores
from topwork.tasks.ordinal.scores import OrdinalScores

HALF = Score(value=0.5, low=0.4, high=0.6)


def test_every_score_is_known() -> None:
    records = (Scores, MoreScores, NumberScores, LabelsScores, OrdinalScores, DetectionScores)
    assert METRICS.keys() == {key for record in records for key in record.model_fields}


def test_absent_scores_are_left_out() -> None:
    scores = Scores(accuracy=HALF, balanced_accuracy=HALF, macro_f1=HALF, log_loss=HALF)
    more = MoreScores(brier=HALF, auroc=None, calibration_error=HALF, top5=None)
    keys = [m.key for m in reported_metrics(scores, more)]
    assert keys == [*Scores.model_fields, "brier", "calibration_error"]
