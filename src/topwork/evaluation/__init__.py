"""Splits, scores with intervals, and the cross-validation of the head that ships."""

from topwork.evaluation.crossval import JudgedHead, cross_validate_head, suited_head
from topwork.evaluation.folds import stratified_folds
from topwork.evaluation.judge import judge
from topwork.evaluation.records import ClassScore, Judgement, Score, Scores

__all__ = [
    "ClassScore",
    "JudgedHead",
    "Judgement",
    "Score",
    "Scores",
    "cross_validate_head",
    "judge",
    "stratified_folds",
    "suited_head",
]
