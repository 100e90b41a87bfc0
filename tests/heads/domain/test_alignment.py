"""Labelled features are brought to where the unlabelled ones lie."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.heads import fit_logistic
from topwork.heads.domain.alignment import linear_transport, standardise
from topwork.heads.linear import normalise_rows


@pytest.fixture(scope="module")
def domains() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Source rows, the same kind of rows seen by another camera, classes of both."""
    rng = np.random.default_rng(0)
    codes = np.arange(400) % 4
    centres = 0.6 * rng.standard_normal((4, 20))
    first, second = (centres[codes] + 0.4 * rng.standard_normal((400, 20)) for _ in range(2))
    camera = np.exp(1.2 * rng.standard_normal(20))
    return first + 6, camera * second + 6 + 4 * rng.standard_normal(20), codes


def test_moments_are_those_of_the_target(domains: tuple[np.ndarray, ...]) -> None:
    source, target, _ = domains
    there = normalise_rows(target)
    moved = linear_transport(source, target, ridge=1e-3)
    assert np.allclose(moved.mean(axis=0), there.mean(axis=0), atol=1e-4)
    gap = np.cov(moved.T) - np.cov(there.T)
    assert np.linalg.norm(gap) < 0.05 * np.linalg.norm(np.cov(there.T))


def test_moving_nothing_changes_nothing(domains: tuple[np.ndarray, ...]) -> None:
    source, _, _ = domains
    moved = linear_transport(source, source)
    assert np.abs(moved - normalise_rows(source)).max() < 2e-3


def test_few_rows_span_what_many_axes_hold() -> None:
    """Axes that no row uses change nothing but the mean variance, and so what the ridge is."""
    rng = np.random.default_rng(0)
    source, target = rng.standard_normal((2, 20, 12)) @ rng.standard_normal((2, 12, 12))
    turned = np.linalg.qr(rng.standard_normal((60, 60)))[0][:12]
    few = linear_transport(source, target, weights=np.arange(20), ridge=0.1)
    many = linear_transport(source @ turned, target @ turned, weights=np.arange(20), ridge=0.5)
    assert np.abs(many - few @ turned).max() < 1e-4
    assert np.abs(few - normalise_rows(source)).max() > 0.1


def test_a_head_on_moved_rows_is_better(domains: tuple[np.ndarray, ...]) -> None:
    source, target, codes = domains

    def accuracy(rows: np.ndarray, of: np.ndarray) -> float:
        head = fit_logistic(rows, codes, 4, C=1000)
        return float((head.logits(of).argmax(axis=1) == codes).mean())

    before = accuracy(source, target)
    assert accuracy(linear_transport(source, target), target) > before + 0.1
    ours, theirs = standardise(source)[0], standardise(target)[0]
    assert accuracy(ours, theirs) > before + 0.1
