"""What is proposed, and what the audit says of it."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.labelling.annotation.planning import Labelled, make_plan

NAMES = ("a", "b", "c")


def _world(seed: int, n: int = 240, noise: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 3, n)
    X = np.eye(3, 16)[codes] + noise * rng.normal(size=(n, 16))
    return X.astype(np.float32), codes


def _labelled(codes: np.ndarray, shown: np.ndarray, audit: np.ndarray) -> Labelled:
    values = [NAMES[code] if seen else None for code, seen in zip(codes, shown, strict=True)]
    return Labelled(values, shown, audit, NAMES, True)


def test_proposals_are_for_open_items_outside_of_the_audit() -> None:
    X, codes = _world(0)
    rng = np.random.default_rng(1)
    shown, audit = rng.random(240) < 0.3, rng.random(240) < 0.2
    plan = make_plan(X, _labelled(codes, shown, audit))
    assert set(plan.suggestions) == set(np.flatnonzero(~shown & ~audit).tolist())
    right = [NAMES[codes[row]] == value for row, (value, _) in plan.suggestions.items()]
    assert np.mean(right) > 0.8
    assert not {choice.row for choice in plan.choices} & set(np.flatnonzero(shown | audit))


def test_labels_of_the_audit_are_not_learnt() -> None:
    X, codes = _world(2)
    rng = np.random.default_rng(3)
    shown, audit = rng.random(240) < 0.4, rng.random(240) < 0.3
    first = make_plan(X, _labelled(codes, shown, audit))
    wrong = np.where(audit, (codes + 1) % 3, codes)
    second = make_plan(X, _labelled(wrong, shown, audit))
    assert first.suggestions == second.suggestions
    assert first.choices == second.choices
    assert first.accuracy is not None
    assert second.accuracy is not None
    assert second.accuracy.value < 0.3 < first.accuracy.value


def test_nothing_is_proposed_before_two_classes_have_a_label() -> None:
    X, codes = _world(4)
    shown = np.zeros(240, bool)
    shown[np.flatnonzero(codes == 1)[:5]] = True
    plan = make_plan(X, _labelled(codes, shown, np.zeros(240, bool)))
    assert not plan.suggestions
    assert plan.accuracy is None
    assert len(plan.choices) == 20


@pytest.mark.parametrize("seed", range(4))
def test_the_next_step_says_more_while_labels_are_few(seed: int) -> None:
    X, codes = _world(seed, n=1200, noise=0.6)
    audit = np.zeros(1200, bool)
    audit[:300] = True
    steps = []
    for n in (24, 600):
        shown = audit.copy()
        shown[300 : 300 + n] = True
        step = make_plan(X, _labelled(codes, shown, audit), step=True).step
        assert step is not None
        assert step.low <= step.points <= step.high
        steps.append(step.points)
    assert steps[0] > steps[1] >= 0


def test_skipped_items_are_neither_chosen_nor_learnt() -> None:
    X, codes = _world(6)
    shown = np.arange(240) % 4 == 0
    known = _labelled(codes, shown, np.zeros(240, bool))
    done = shown | (np.arange(240) % 4 == 1)
    skipped = Labelled(known.values, done, known.audit, NAMES, True)
    plan = make_plan(X, skipped)
    assert not {choice.row for choice in plan.choices} & set(np.flatnonzero(done))


def test_answers_that_are_no_class_choose_typical_items() -> None:
    X, _ = _world(7)
    values = [["x", "y"] if i < 10 else None for i in range(240)]
    done = np.arange(240) < 10
    plan = make_plan(X, Labelled(values, done, np.zeros(240, bool), ("x", "y"), False))
    assert {choice.why for choice in plan.choices} == {"typical"}
    assert min(choice.row for choice in plan.choices) >= 10
    assert not plan.suggestions
