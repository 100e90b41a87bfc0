import numpy as np
import pytest

from topwork.shift.class_priors import corrected, expected_shares


def drawn(shares, n, seed=0):
    """Exact probabilities p(j | x) / p(j) up to a factor, for two overlapping Gaussians."""
    rng = np.random.default_rng(seed)
    codes = rng.choice(2, n, p=shares)
    x = rng.standard_normal(n) + 1.5 * codes
    return np.column_stack([np.exp(-(x**2) / 2), np.exp(-((x - 1.5) ** 2) / 2)]), codes


def test_shares_are_found():
    ratios, codes = drawn([0.15, 0.85], 20_000)
    assert expected_shares(ratios, np.array([0.5, 0.5]))[1] == pytest.approx(0.85, abs=0.02)
    assert codes.mean() == pytest.approx(0.85, abs=0.01)


def test_many_steps_reach_the_largest_likelihood():
    ratios, _ = drawn([0.3, 0.7], 400)
    q = expected_shares(ratios, np.array([0.5, 0.5]), steps=5000)[1]
    grid = np.linspace(0.001, 0.999, 999)
    likelihood = [np.log(ratios @ [1 - s, s]).sum() for s in grid]
    assert q == pytest.approx(grid[np.argmax(likelihood)], abs=2e-3)


def test_counts_are_repeats():
    ratios, _ = drawn([0.3, 0.7], 50)
    counts = np.arange(50.0)
    repeated = ratios.repeat(np.arange(50), axis=0)
    start = np.array([0.5, 0.5])
    assert expected_shares(ratios, start, counts=counts) == pytest.approx(
        expected_shares(repeated, start)
    )


def test_correcting_is_bayes():
    ratios, _ = drawn([0.5, 0.5], 100)
    before, after = np.array([0.5, 0.5]), np.array([0.2, 0.8])
    p, expected = (ratios * q / (ratios @ q)[:, None] for q in (before, after))
    assert corrected(p, before, after) == pytest.approx(expected, abs=1e-6)
    assert corrected(p, before, before) == pytest.approx(p, abs=1e-6)


def test_weights_are_capped():
    assert corrected([[0.5, 0.5]], [0.99, 0.01], [0.5, 0.5], most=10)[0, 1] == pytest.approx(
        10 / (10 + 0.5 / 0.99)
    )


def test_what_would_leave_nothing_stays():
    assert corrected([[1.0, 0.0]], [0.5, 0.5], [0, 1]).tolist() == [[1, 0]]
