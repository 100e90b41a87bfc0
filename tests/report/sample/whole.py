"""Whole reports about nothing."""

from __future__ import annotations

import numpy as np

from tests.report.sample.adapted import adaptation
from tests.report.sample.classes import classes, counts, failures, probabilities
from tests.report.sample.clustered import clusters
from tests.report.sample.data import findings, method
from tests.report.sample.head import before_after, budget, curve, measures, strategies, summary
from tests.report.sample.other_tasks import label_sets, numbers, objects, suggestions
from tests.report.sample.words import names, path_of, score
from topwork.report import (
    Publication,
    ReportContent,
    ReportedMetric,
    confusions_of,
)


def sample(n_classes: int = 12, *, hostile: bool = False) -> ReportContent:
    """A report of a thorough run."""
    labels = names(n_classes, hostile)
    words = names(8, hostile)
    rng = np.random.default_rng(0)
    path = path_of(labels, hostile)
    headline = ReportedMetric(
        key="balanced_accuracy",
        name="balanced accuracy",
        score=score(0.924, 0.014),
        note="Every class counts the same, however many items.",
    )
    return ReportContent(
        kind="image",
        title=words[0] if hostile else "Field photographs",
        subtitle=f"3,000 images of {n_classes} classes, packaged:efficientnet_lite0, frozen",
        summary=summary(headline, n_classes, words[1]),
        metrics=measures(headline),
        strategies=strategies(words[2] if hostile else "probe, logistic head"),
        before_after=before_after(words[3] if hostile else "old classes"),
        adaptation=adaptation(labels, path),
        clusters=clusters(labels, path),
        classes=classes(labels, rng),
        confusions=confusions_of(labels, counts(n_classes, rng)),
        probabilities=probabilities(rng),
        numbers=numbers(words[0]),
        labels=label_sets(labels),
        objects=objects(labels, path, rng),
        suggestions=suggestions(path),
        learning_curve=curve(),
        label_budget=budget(),
        failures=failures(labels, path, rng),
        data=findings(labels, path, rng),
        method=method(words[3]),
        publication=Publication(
            license="apache-2.0",
            dataset=words[4],
            tags=(words[5],),
            intended_use="Photographs like these, taken in the same places.",
            limits=f"It has never seen night pictures, nor {words[6]}.",
        ),
    )


def lean() -> ReportContent:
    """A report of a run that judged itself and nothing more."""
    full = sample()
    return ReportContent(
        kind="image", title=full.title, summary=full.summary, metrics=full.metrics[:4]
    )
