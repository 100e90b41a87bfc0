"""What a report says first: summary, metrics, strategies."""

from __future__ import annotations

import numpy as np

from tests.report.sample.words import score
from topwork.metrics.records import Score
from topwork.report import (
    BeforeAfter,
    Compared,
    CurvePoint,
    LabelBudget,
    LabelStage,
    LearningCurve,
    ReportedMetric,
    Strategies,
    Summary,
    Tried,
)


def summary(headline: ReportedMetric, n_classes: int, label: str) -> Summary:
    return Summary(
        headline=headline,
        chance=1 / n_classes,
        how_good=f"It gets about 92 of 100 images right, and {label} least often.",
        how_sure="On other images like these, expect between 91 and 94 of 100. The interval takes "
        "into account that copies of one picture belong together.",
        transfer="Yes. The pretrained network is 38 points better than colours and tiny pixels "
        "(95 % interval 35 to 41), and 51 points better than the same network untrained.",
        next_steps=(
            "Look at the 14 doubtful labels below; they are worth more than new images.",
            f"Label 20 more images of {label}.",
            "Run topwork evaluate on images from another camera before you rely on it there.",
        ),
        warnings=("23 images are copies of others; they were kept together in every split.",),
    )


def measures(headline: ReportedMetric) -> tuple[ReportedMetric, ...]:
    return (
        headline,
        ReportedMetric(
            key="accuracy",
            name="accuracy",
            score=score(0.931, 0.009),
            note="The share of items that it gets right.",
        ),
        ReportedMetric(key="macro_f1", name="macro F1", score=score(0.921, 0.015)),
        ReportedMetric(
            key="log_loss",
            name="log loss",
            score=Score(value=0.284, low=0.251, high=None),
            kind="number",
            better="lower",
        ),
        ReportedMetric(
            key="calibration_error",
            name="calibration error",
            score=score(0.018, 0.006),
            better="lower",
        ),
    )


def strategies(selected: str) -> Strategies:
    return Strategies(
        note="Something more complicated ships only if a paired test finds it better.",
        tried=(
            Tried(name="majority class", score=score(0.083, 0.004), seconds=0.0, baseline=True),
            Tried(name="pixels", score=score(0.542, 0.021), seconds=4.1, baseline=True),
            Tried(
                name="random:efficientnet_lite0",
                score=score(0.414, 0.022),
                seconds=12.9,
                baseline=True,
                verdict="the same network without what it learnt",
            ),
            Tried(
                name=selected,
                score=score(0.924, 0.014),
                seconds=38.2,
                chosen=True,
                verdict="the simplest of equals",
            ),
            Tried(
                name="partial from blocks.5",
                score=score(0.931, 0.014),
                seconds=311.0,
                verdict="0.7 points better, which may be luck (p = 0.21)",
            ),
            Tried(name="full", score=None, seconds=None, verdict="not tried: 3 h on this machine"),
        ),
    )


def before_after(name: str) -> BeforeAfter:
    before, after = (Score(value=v, low=v - 0.03, high=v + 0.02) for v in (0.941, 0.935))
    return BeforeAfter(
        rows=(Compared(name=name, n=100, before=before, after=after),),
        sentence=f"{name}: 94.1% before, 93.5% after.",
        notes=(f"{name} looks like another one.",),
    )


def curve() -> LearningCurve:
    def error(n: float) -> float:
        return 0.03 + 0.62 * n**-0.7

    return LearningCurve(
        measured=tuple(
            CurvePoint(labels_per_class=n, score=score(error(n), 0.25 * error(n) / n**0.25))
            for n in (3, 5, 8, 12, 20, 30)
        ),
        fitted=tuple(
            CurvePoint(labels_per_class=float(n), score=score(error(n), 0.012 + 0.0002 * float(n)))
            for n in np.geomspace(3, 120, 40)
        ),
        sentence="Twice the labels would probably bring the error from 8.7 % down to 6.7 % "
        "(5.2 to 8.1 %).",
    )


def budget() -> LabelBudget:
    return LabelBudget(
        labels_per_class=30,
        stages=(
            LabelStage(name="typical items", low=1, high=5),
            LabelStage(name="uncertain items", low=5, high=20),
            LabelStage(name="last layers", low=20, high=100),
        ),
        sentence="Training the last layers may help more than further labels.",
    )
