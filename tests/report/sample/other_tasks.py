"""Numbers, several labels and boxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from topwork.metrics.records import Score
from topwork.report import (
    FalseKind,
    FoundObjects,
    FrocPoint,
    ObjectClass,
    Point,
    PredictedLabelSets,
    PredictedNumbers,
    ReportedLabel,
    ShownImage,
    SuggestedImage,
    Suggestions,
    thumbnail_data_uri,
)


def numbers(word: str) -> PredictedNumbers:
    points = tuple(Point(true=float(i), predicted=i + (-1) ** i * 0.5) for i in range(30))
    return PredictedNumbers(points=points, least=-1.0, most=31.0, promise=f"90 % of {word}.")


def label_sets(labels: Sequence[str]) -> PredictedLabelSets:
    half = Score(value=0.5, low=0.4, high=0.6)
    rows = tuple(
        ReportedLabel(
            label=label,
            n=i,
            threshold=0.3,
            precision=half if i % 2 else None,
            recall=half if i else None,
            f1=half if i else None,
            average_precision=half,
        )
        for i, label in enumerate(labels[:40])
    )
    return PredictedLabelSets(labels=rows, sentences=("For 3 % of them no label is predicted.",))


def objects(
    labels: Sequence[str], path: Callable[[int], str], rng: np.random.Generator
) -> FoundObjects:
    curve = [(i / 20, 1 - 0.8 * np.exp(-i / 12)) for i in range(60)]
    points = tuple(FrocPoint(false_per_image=x, recall=float(y)) for x, y in curve)
    image = thumbnail_data_uri(rng.integers(0, 255, (90, 120, 3), np.uint8), 120)
    return FoundObjects(
        classes=tuple(
            ObjectClass(label=label, n_objects=9 + i, n_images=5, ap50=0.5 if i else None)
            for i, label in enumerate(labels[:30])
        ),
        curve=points,
        most_false=3.0,
        threshold=points[20],
        sentence="From a probability of 0.4 on the model finds 87 % of the objects.",
        kinds=(FalseKind(name="background", n=3, note="where nothing is"),),
        worst=tuple(
            ShownImage(path=path(i), image=image if i else None, n_false=i, n_missed=1)
            for i in range(14)
        ),
        n_wrong=20,
    )


def suggestions(path: Callable[[int], str]) -> Suggestions:
    images = (SuggestedImage(path=path(i), image=None, n_boxes=i) for i in range(3))
    return Suggestions(images=tuple(images))
