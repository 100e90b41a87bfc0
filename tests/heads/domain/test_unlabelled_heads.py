"""Heads that learn from unlabelled items: they gain, their slopes are right, priors are kept."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from topwork.heads import fit_logistic
from topwork.heads.domain import neighbour_graph, whitened
from topwork.heads.domain.alignment import standardise
from topwork.heads.domain.attraction import _Attraction, attract_and_disperse
from topwork.heads.domain.class_confusion import _Confusion, minimise_class_confusion
from topwork.heads.domain.information import _Information, maximise_information

SHARES = np.array([0.75, 0.25, 0.0])
OBJECTIVES = {
    "information": _Information(np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1]], np.ones(3) / 3, 0.3),
    "attraction": _Attraction(
        neighbour_graph(np.eye(5, dtype=np.float32) + 0.3, neighbours=2), SHARES + 0.01, 2.0
    ),
}


def _domains(
    seed: int, shares: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    codes, theirs = rng.integers(3, size=60), rng.choice(3, 240, p=shares)
    centres = 0.5 * rng.standard_normal((3, 30))
    source = centres[codes] + rng.standard_normal((60, 30))
    target = centres[theirs] + 0.7 * rng.standard_normal((240, 30)) + rng.standard_normal(30)
    weights = (3 * shares)[codes]
    return standardise(source, weights=weights)[0], standardise(target)[0], codes, theirs


def _started(seed: int, shares: np.ndarray) -> tuple[tuple, np.ndarray, np.ndarray, np.ndarray]:
    source, target, codes, theirs = _domains(seed, shares)
    head = fit_logistic(source, codes, 3)
    length = np.float32(np.linalg.norm(source, axis=1).mean())
    start = (target, head.weight / length, head.bias)
    return start, target, theirs, head.logits(target)


def _attract(start: tuple, target: np.ndarray, priors: np.ndarray | None = None) -> np.ndarray:
    return attract_and_disperse(*start, neighbour_graph(whitened(target)[0]), priors=priors)


@pytest.mark.parametrize("train", [lambda s, _: minimise_class_confusion(*s), _attract])
def test_it_gains(train: Callable[..., np.ndarray]) -> None:
    gains = []
    for seed in range(5):
        start, target, theirs, before = _started(seed, np.ones(3) / 3)
        after = train(start, target)
        right = [(x.argmax(axis=1) == theirs).mean() for x in (before, after)]
        gains.append(right[1] - right[0])
    assert np.mean(gains) > 0.02


@pytest.mark.parametrize("way", [lambda s, t, q: maximise_information(*s, priors=q), _attract])
def test_known_priors_help_where_classes_are_absent(way: Callable[..., np.ndarray]) -> None:
    gains = []
    for seed in range(5):
        start, target, theirs, _ = _started(seed, SHARES)
        alike, known = way(start, target, None), way(start, target, SHARES)
        gains.append(np.mean(known.argmax(axis=1) == theirs) - np.mean(alike.argmax(1) == theirs))
    assert np.mean(gains) > 0.1


@pytest.mark.parametrize("name", OBJECTIVES)
def test_slopes_are_right(name: str) -> None:
    rng = np.random.default_rng(0)
    logits = rng.standard_normal((5, 3)).astype(np.float32)
    step = rng.standard_normal((5, 3)).astype(np.float32)
    objective, size = OBJECTIVES[name], np.float32(0.01)
    up, down = objective(logits + size * step)[0], objective(logits - size * step)[0]
    slope = float((objective(logits)[1] * step).sum())
    assert slope == pytest.approx((up - down) / (2 * size), rel=0.02, abs=1e-4)


def test_confusion_falls_along_its_slope() -> None:
    """Its weights are a constant to the slope, so that it is no exact derivative."""
    logits = np.random.default_rng(0).standard_normal((50, 3)).astype(np.float32)
    objective = _Confusion(2.5)
    loss, slope = objective(logits)
    assert objective(logits - 10 * slope)[0] < loss
