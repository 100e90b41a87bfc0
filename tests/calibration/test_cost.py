import numpy as np
import pytest

from topwork.calibration.cost import cost_threshold
from topwork.errors import ParameterError

COSTS = np.array([[0.0, 1.0], [5.0, 0.0]])


def drawn(rng, n):
    codes = rng.integers(0, 2, n)
    second = 1 / (1 + np.exp(-2.4 * (1.2 * (2 * codes - 1) + rng.standard_normal(n))))
    return np.column_stack([1 - second, second]), codes


def mean_cost(probabilities, codes, threshold):
    return COSTS[codes, (probabilities[:, 1] >= threshold).astype(int)].mean()


@pytest.mark.parametrize(
    ("costs", "threshold"),
    [([[0, 1], [1, 0]], 0.5), ([[0, 1], [9, 0]], 0.1), ([[-1, 2], [3, -2]], 3 / 8)],
)
def test_the_threshold_is_that_of_elkan(costs, threshold):
    assert cost_threshold(*drawn(np.random.default_rng(0), 50), costs).threshold == threshold


def test_it_costs_less_than_a_searched_one_on_fresh_items():
    rng = np.random.default_rng(0)
    costs = []
    for _ in range(100):
        probabilities, codes = drawn(rng, 100)
        grid = np.unique(probabilities[:, 1])
        searched = grid[np.argmin([mean_cost(probabilities, codes, t) for t in grid])]
        known = cost_threshold(probabilities, codes, COSTS).threshold
        fresh = drawn(rng, 2000)
        costs.append([mean_cost(*fresh, t) for t in (known, searched, 0.5)])
    known, searched, half = np.mean(costs, axis=0)
    assert known < searched < half


def test_what_it_saves_has_an_interval():
    probabilities, codes = drawn(np.random.default_rng(0), 400)
    found = cost_threshold(probabilities, codes, COSTS)
    assert found.cost == mean_cost(probabilities, codes, 1 / 6)
    assert found.saved.difference == pytest.approx(found.cost_at_half - found.cost)
    assert found.saved.low < found.saved.difference < found.saved.high


@pytest.mark.parametrize("costs", [[[0, 1]], [[0, np.inf], [1, 0]], np.zeros((3, 3))])
def test_costs_are_a_table(costs):
    with pytest.raises(ParameterError, match="costs"):
        cost_threshold(np.eye(2), np.array([0, 1]), costs)


def test_there_are_two_classes():
    with pytest.raises(ParameterError, match="two classes"):
        cost_threshold(np.eye(3), np.array([0, 1, 2]), COSTS)


def test_an_error_costs_more_than_being_right():
    with pytest.raises(ParameterError, match="no more"):
        cost_threshold(np.eye(2), np.array([0, 1]), [[1, 1], [2, 0]])
