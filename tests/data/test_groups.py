"""Groups are the classes of the smallest equivalence that holds the pairs."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from topwork.data.groups import join_groups, join_pairs, number_by_first

SIZE = 12
ITEMS = st.integers(0, SIZE - 1)
PAIRS = st.lists(st.tuples(ITEMS, ITEMS), max_size=20)
GROUPS = st.lists(st.integers(0, 5), min_size=SIZE, max_size=SIZE)


def _reached(pairs: list[tuple[int, int]]) -> list[set[int]]:
    """What can be reached from each item, the slow way."""
    reached = [{i} for i in range(SIZE)]
    for _ in range(SIZE):
        for a, b in pairs:
            reached[a] |= reached[b]
            reached[b] |= reached[a]
    return reached


@settings(deadline=None)
@given(PAIRS)
def test_joined_pairs_are_what_can_be_reached(pairs) -> None:
    groups = join_pairs(SIZE, [a for a, _ in pairs], [b for _, b in pairs])
    for i, together in enumerate(_reached(pairs)):
        assert set(np.flatnonzero(groups == groups[i]).tolist()) == together


@settings(deadline=None)
@given(PAIRS, st.randoms())
def test_the_order_of_pairs_makes_no_difference(pairs, random) -> None:
    shuffled = [(b, a) for a, b in pairs]
    random.shuffle(shuffled)
    one = join_pairs(SIZE, [a for a, _ in pairs], [b for _, b in pairs])
    other = join_pairs(SIZE, [a for a, _ in shuffled], [b for _, b in shuffled])
    np.testing.assert_array_equal(one, other)


@settings(deadline=None)
@given(GROUPS, GROUPS)
def test_joined_groups_are_the_finest_that_both_refine(first, second) -> None:
    joined = join_groups(first, second)
    pairs = [
        (i, j)
        for i in range(SIZE)
        for j in range(i)
        if first[i] == first[j] or second[i] == second[j]
    ]
    expected = join_pairs(SIZE, [a for a, _ in pairs], [b for _, b in pairs])
    np.testing.assert_array_equal(joined, expected)
    np.testing.assert_array_equal(joined, join_groups(second, first))


@settings(deadline=None)
@given(GROUPS)
def test_numbers_follow_first_appearances(values) -> None:
    numbers = number_by_first(np.array(values))
    firsts = [int(np.flatnonzero(numbers == g)[0]) for g in range(numbers.max() + 1)]
    assert firsts == sorted(firsts)


def test_nothing_to_join() -> None:
    assert join_pairs(0, [], []).tolist() == []
    assert join_pairs(3, [], []).tolist() == [0, 1, 2]
