"""Classes, their probabilities, and items that are predicted wrongly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.report.sample.pictures import picture, saliency
from tests.report.sample.words import score
from topwork.metrics.records import ClassScore
from topwork.report import (
    Failures,
    PredictionSets,
    Probabilities,
    ReliabilityBin,
    SetSize,
    Slice,
    UnknownInputs,
    WrongItem,
)


def classes(labels: list[str], rng: np.random.Generator) -> tuple[ClassScore, ...]:
    recalls = np.clip(rng.beta(14, 1.3, len(labels)), 0.2, 1)
    scores = [
        ClassScore(
            label=label,
            n=int(rng.integers(8, 60)),
            recall=score(float(r), 0.08),
            precision=score(min(1.0, float(r) + 0.03), 0.07),
        )
        for label, r in zip(labels, recalls, strict=True)
    ]
    scores[-1] = ClassScore(label=labels[-1], n=0, recall=None, precision=None)
    return tuple(scores)


def counts(k: int, rng: np.random.Generator) -> np.ndarray:
    counts = rng.poisson(0.25, (k, k))
    counts[0, k - 1] = 9
    counts[np.arange(k), np.arange(k)] = rng.integers(20, 60, k)
    return counts


def probabilities(rng: np.random.Generator) -> Probabilities:
    bins = tuple(
        ReliabilityBin(
            confidence=float(c),
            accuracy=score(float(np.clip(c + rng.normal(0, 0.02), 0, 1)), 0.09 - 0.07 * float(c)),
            n=int(40 + 1200 * c**6),
        )
        for c in np.linspace(0.35, 0.985, 9)
    )
    return Probabilities(
        reliability=bins,
        temperature=1.31,
        error=score(0.018, 0.006),
        error_before=score(0.052, 0.008),
        sets=PredictionSets(
            target=0.9,
            coverage=score(0.903, 0.011),
            mean_size=1.24,
            sizes=tuple(
                SetSize(size=s, n=n) for s, n in enumerate((31, 2300, 480, 120, 50, 15, 4))
            ),
        ),
        unknown=UnknownInputs(
            method="distance to its five nearest neighbours",
            threshold=0.412,
            false_alarm_rate=0.05,
            measured_rate=score(0.047, 0.008),
        ),
        sentence="When it says 90 %, it is right about 9 times in 10.",
    )


def failures(labels: list[str], path: Callable[[int], str], rng: np.random.Generator) -> Failures:
    kinds = (
        ("very dark", 0.71, 120, 0.0004),
        ("blurred", 0.84, 210, 0.03),
        (f"group {labels[7 % len(labels)]}", 0.9, 88, 0.4),
        ("small, below 100 px", 0.92, 310, 0.8),
        ("wide", 0.94, 540, 1.0),
    )
    return Failures(
        slices=tuple(
            Slice(name=name, n=n, score=score(v, 1 / n**0.5), p_value=p, flagged=p < 0.05)
            for name, v, n, p in kinds
        ),
        overall=score(0.931, 0.009),
        slices_note="Twenty kinds were looked at; p is corrected for that.",
        wrong=tuple(
            WrongItem(
                path=path(i),
                truth=labels[i % len(labels)],
                predicted=labels[(i + 3) % len(labels)],
                confidence=0.995 - 0.004 * i,
                image=picture(i) if i % 7 else None,
                saliency=saliency(i) if i % 7 else None,
            )
            for i in range(40)
        ),
        n_wrong=207,
        saliency_note="Beside each picture: what the answer rests on glows.",
    )
