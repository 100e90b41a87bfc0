"""Rounds of candidates: sizes, order, who goes on, and who is tied in the end."""

import numpy as np
import pytest

from topwork.selection.choice import Candidate
from topwork.selection.halving import (
    FIRST_ITEMS,
    FIRST_PER_CLASS,
    Round,
    placed,
    round_sizes,
    stratified_order,
    successive_halving,
)


@pytest.mark.parametrize(
    ("n", "k", "sizes"),
    [(20, 3, [20]), (399, 10, [399]), (400, 10, [200, 400]), (3030, 101, [1010, 3030])],
)
def test_round_sizes(n, k, sizes):
    assert round_sizes(n, k) == sizes
    assert sizes[0] >= min(n, FIRST_ITEMS, FIRST_PER_CLASS * k)


@pytest.mark.parametrize("size", [8, 100, 333, 1000])
def test_every_beginning_has_the_shares_of_the_classes(size):
    codes = np.repeat([0, 1, 2, 3], [700, 200, 99, 1])
    order = stratified_order(codes, seed=3)
    assert sorted(order) == list(range(1000))
    counts = np.bincount(codes[order[:size]], minlength=4)
    assert np.abs(counts - np.array([700, 200, 99, 1]) * size / 1000).max() <= 5
    assert (counts >= np.minimum(2, [700, 200, 99, 1])).all()


def test_the_order_depends_on_the_seed():
    codes = np.arange(100) % 4
    assert not np.array_equal(stratified_order(codes, seed=0), stratified_order(codes, seed=1))


def world(chances, n, rng, shared=0.7):
    """Whether each candidate is right on n items: (candidates, n), alike as real ones are."""
    difficulty = np.sqrt(shared) * rng.standard_normal(n)
    own = np.sqrt(1 - shared) * rng.standard_normal((len(chances), n))
    drawn = difficulty + own
    cuts = np.sort(np.random.default_rng(0).standard_normal(200_000))
    return drawn < cuts[(np.asarray(chances) * len(cuts)).astype(int)][:, None]


def judge_of(right, codes):
    def judge(size, names):
        scored = [Candidate(name, right[int(name), :size]) for name in names]
        return Round(scored, codes[:size], np.arange(size))

    return judge


def play(chances, n, rng):
    right = world(chances, n, rng)
    codes = rng.integers(0, 5, n)
    names = [str(i) for i in range(len(chances))]
    return successive_halving(names, round_sizes(n, 5), judge_of(right, codes))


def test_halving_seldom_drops_the_true_best():
    """Twelve candidates, the best ahead by 2 points and placed anywhere, 100 repeats."""
    rng = np.random.default_rng(0)
    dropped, judged = 0, []
    for _ in range(100):
        chances = rng.permutation(np.append(rng.uniform(0.6, 0.83, 11), 0.85))
        best = str(int(chances.argmax()))
        rounds = play(chances, 2000, rng)
        dropped += best not in rounds[-1].survivors()
        judged.append(sum(len(one.candidates) * len(one.codes) for one in rounds) / (12 * 2000))
    assert dropped <= 2
    assert np.mean(judged) < 0.5, "and it saves most of the work"


def test_what_is_beaten_at_once_needs_no_more_items():
    rounds = play([0.5, 0.95, 0.6], 4000, np.random.default_rng(1))
    assert [len(one.codes) for one in rounds] == [FIRST_ITEMS]
    assert [verdict.equals for verdict in placed(rounds)] == [("1",), ("2",), ("0",)]


def test_equals_stay_to_the_end_and_tie_with_the_cheaper_first():
    rng = np.random.default_rng(2)
    ended, firsts = 0, 0
    for _ in range(40):
        rounds = play([0.5, 0.9, 0.9, 0.9], 1200, rng)
        ended += len(rounds[-1].codes) == 1200
        tiers = placed(rounds)
        assert sorted(name for tier in tiers for name in tier.equals) == list("0123")
        assert tiers[-1].equals == ("0",)
        firsts += tiers[0].chosen == "1"
    assert ended >= 36
    assert firsts >= 28, "the cheapest of equals is first unless it is behind by a standard error"


def test_those_dropped_early_come_last():
    rounds = play([0.55, 0.88, 0.6, 0.9], 4000, np.random.default_rng(5))
    assert len(rounds) > 1
    names = [name for verdict in placed(rounds) for name in verdict.equals]
    assert set(names[:2]) == {"1", "3"}
    assert set(names[2:]) == {"0", "2"}


def test_too_few_items_rank_nothing():
    rounds = play([0.2, 0.9], 20, np.random.default_rng(0))
    (verdict,) = placed(rounds, fallback="1")
    assert not verdict.ranked
    assert verdict.chosen == "1"
    assert verdict.equals == ("0", "1")


def test_groups_count_as_one():
    """Nine groups say nothing, however many their items."""
    right = np.stack([np.zeros(90, bool), np.ones(90, bool)])
    codes, groups = np.arange(90) % 3, np.arange(90) // 10
    one = Round([Candidate(str(i), right[i]) for i in range(2)], codes, groups)
    assert one.survivors() == ("0", "1")
    assert not one.tiers(("0", "1"))[0].ranked
