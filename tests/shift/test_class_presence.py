"""Which classes unlabelled items hold, told from predictions and from how far two heads agree."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.shift.class_presence import class_presence

LABELS = ("a", "b", "c", "d", "e", "f")
EVEN = np.ones(6) / 6


def _predicted(rng: np.random.Generator, truth: np.ndarray, accuracy: float) -> np.ndarray:
    """Probabilities of a model that is right that often, its errors spread over all classes."""
    said = np.where(rng.random(len(truth)) < accuracy, truth, rng.integers(6, size=len(truth)))
    return 0.9 * np.eye(6)[said] + 0.1 / 6


@pytest.mark.parametrize("n_present", [1, 2, 3])
def test_absent_classes_are_found(n_present: int) -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        there = rng.permutation(6)[:n_present]
        p = _predicted(rng, rng.choice(there, 90), 0.97)
        found = class_presence(p, p, EVEN, LABELS, agreement=0.95, balanced_agreement=0.5)
        assert found.verdict == "some"
        assert {LABELS[c] for c in there} <= set(found.present)
        assert set(np.flatnonzero(found.priors)) >= set(there)
        assert f"Only {len(found.present)} of 6 classes seem present" in found.sentence


def test_a_model_that_errs_says_nothing_against_all_classes() -> None:
    """All classes are there, but those of two are predicted; that many errors are plausible."""
    rng = np.random.default_rng(0)
    p = 0.9 * np.eye(6)[rng.integers(2, size=300)] + 0.1 / 6
    found = class_presence(p, p, EVEN, LABELS, agreement=0.55, balanced_agreement=0.5)
    assert found.verdict == "all"
    assert found.priors == tuple(EVEN)
    assert all(c.share.low == 0 for c in found.classes[2:])


def test_few_items_where_all_classes_cost_agreement_are_unclear() -> None:
    rng = np.random.default_rng(0)
    p = _predicted(rng, np.zeros(40, int), 0.6)
    few = class_presence(p, p, EVEN, LABELS, agreement=0.55, balanced_agreement=0.35)
    assert few.verdict == "unclear"
    assert not few.present
    many = np.repeat(p, 10, axis=0)
    found = class_presence(many, many, EVEN, LABELS, agreement=0.55, balanced_agreement=0.45)
    assert found.verdict == "all"
    assert few.few
    assert not found.few


def test_intervals_hold_the_shares() -> None:
    """Shares drawn at random, a model with errors, agreement as two such models would have."""
    held = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        shares, accuracy = rng.dirichlet(np.ones(6)), rng.uniform(0.4, 1)
        truth = rng.choice(6, 80, p=shares)
        p, other = (_predicted(rng, truth, accuracy) for _ in range(2))
        agreement = float((p.argmax(axis=1) == other.argmax(axis=1)).mean())
        found = class_presence(p, p, EVEN, LABELS, agreement=agreement, balanced_agreement=0.5)
        held += [
            c.share.low <= share <= (c.share.high or 1)
            for c, share in zip(found.classes, shares, strict=True)
        ]
    assert np.mean(held) >= 0.95


def test_where_no_class_can_be_left_out_nothing_is_known() -> None:
    """Shares that differ by more than errors explain, with every class predicted now and then."""
    p = np.repeat(np.array([[0.9, 0.1], [0.1, 0.9]]), [68, 12], axis=0)
    found = class_presence(
        p, p, np.array([0.5, 0.5]), ("a", "b"), agreement=0.95, balanced_agreement=0.9
    )
    assert found.missing / 2 > 1 - found.agreement
    assert found.verdict == "unclear"
    assert "Only 2 of 2" not in found.sentence
