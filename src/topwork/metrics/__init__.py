"""Scores, their intervals, and tests of their differences."""

from topwork.metrics.judge import judge
from topwork.metrics.records import ClassScore, Judgement, Score, Scores

__all__ = [
    "ClassScore",
    "Judgement",
    "Score",
    "Scores",
    "judge",
]
