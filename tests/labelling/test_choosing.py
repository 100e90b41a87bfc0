"""Which rows are chosen for labels."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.labelling.choosing import ENOUGH_PER_CLASS, audit_rows, choose_next

K = 6


def _groups(seed: int, n: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """K groups of unequal sizes around axes, and their numbers."""
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(K), [n + 5 * k for k in range(K)])
    X = np.eye(K, 24)[codes] + 0.15 * rng.normal(size=(len(codes), 24))
    return X.astype(np.float32), codes


@pytest.mark.parametrize("seed", range(5))
def test_the_first_ones_show_every_group(seed: int) -> None:
    X, codes = _groups(seed)
    chosen = choose_next(X, np.full(len(X), -1), K, seed=seed)
    assert {int(codes[choice.row]) for choice in chosen} == set(range(K))
    assert {choice.why for choice in chosen} == {"typical"}


def test_groups_with_a_label_come_later() -> None:
    X, codes = _groups(0)
    known = np.full(len(X), -1)
    for k in range(K - 1):
        known[np.flatnonzero(codes == k)[0]] = k
    first = choose_next(X, known, 3)[0]
    assert codes[first.row] == K - 1
    assert first.n_labelled == 0


def test_then_those_come_that_the_head_hesitates_about() -> None:
    """Rows between two groups, and nothing that is labelled already."""
    X, codes = _groups(1)
    between = (X[codes == 0][:8] + X[codes == 1][:8]) / 2
    X = np.concatenate([X, between])
    known = np.full(len(X), -1)
    for k in range(K):
        known[np.flatnonzero(codes == k)[:ENOUGH_PER_CLASS]] = k
    chosen = choose_next(X, known, 4)
    assert all(choice.why == "uncertain" for choice in chosen)
    rows = [choice.row for choice in chosen]
    assert len(set(rows)) == 4
    assert (known[rows] < 0).all()
    assert sum(row >= len(codes) for row in rows) >= 2, "random choice finds 1 in 40"
    first = chosen[0]
    assert first.probabilities[0] >= first.probabilities[1] > 0


def test_no_row_is_chosen_twice_until_all_are_labelled() -> None:
    X, codes = _groups(2, n=6)
    known, seen = np.full(len(X), -1), []
    while chosen := choose_next(X, known, 7):
        rows = [choice.row for choice in chosen]
        seen += rows
        known[rows] = codes[rows]
    assert sorted(seen) == list(range(len(X)))


def test_the_order_of_the_rows_changes_nothing() -> None:
    X, _ = _groups(3)
    order = np.random.default_rng(0).permutation(len(X))
    plain = choose_next(X, np.full(len(X), -1), 8)
    moved = choose_next(X[order], np.full(len(X), -1), 8)
    assert {choice.row for choice in plain} == {int(order[choice.row]) for choice in moved}


def test_barred_rows_are_neither_chosen_nor_learnt_from() -> None:
    X, codes = _groups(4)
    barred = np.random.default_rng(0).random(len(X)) < 0.3
    known = np.where(np.arange(len(X)) % 5 == 0, codes, -1)
    chosen = choose_next(X, known, 10, barred=barred)
    assert not barred[[choice.row for choice in chosen]].any()
    wrong = np.where(barred & (known >= 0), (codes + 1) % K, known)
    assert choose_next(X, wrong, 10, barred=barred) == chosen


def test_an_audit_is_a_random_sample_that_is_the_same_again() -> None:
    keys = tuple(i.to_bytes(4, "big") for i in range(300))
    first = audit_rows(keys, 60, 0)
    assert first.sum() == 60
    order = np.random.default_rng(0).permutation(300)
    again = audit_rows(tuple(keys[i] for i in order), 60, 0)
    assert (again == first[order]).all()
    assert (audit_rows(keys, 80, 0) >= first).all(), "a larger one holds the smaller"
    drawn = np.mean([audit_rows(keys, 60, seed) for seed in range(400)], axis=0)
    assert abs(drawn - 0.2).max() < 4.5 * np.sqrt(0.2 * 0.8 / 400)


def test_the_audit_measures_without_bias_whatever_is_chosen() -> None:
    """The interval of a share that is counted on the audit covers the true one."""
    from topwork.metrics.intervals import wilson

    inside = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        right = rng.random(500) < 0.8
        keys = tuple(rng.bytes(16) for _ in range(500))
        drawn = right[audit_rows(keys, 60, seed)]
        low, high = wilson(drawn.mean(), 60)
        inside += low <= right.mean() <= high
    assert inside / 200 >= 0.93
