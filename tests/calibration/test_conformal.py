import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topwork.calibration.conformal import PredictionSets, fit_prediction_sets
from topwork.errors import DataError, ParameterError


def drawn(rng, n, k, sharpness, group=1):
    """Probabilities (n, k) and codes (n,) of items that share their difficulty with a group."""
    codes = np.arange(n) % k
    shared = np.repeat(rng.standard_normal(-(-n // group)), group)[:n]
    logits = rng.standard_normal((n, k))
    logits[np.arange(n), codes] += sharpness + (shared if group > 1 else 0)
    weights = np.exp(logits)
    return weights / weights.sum(axis=1, keepdims=True), codes


@pytest.mark.parametrize("error_rate", [0.05, 0.1, 0.3])
@pytest.mark.parametrize(("n", "k", "sharpness"), [(40, 3, 1), (60, 10, 2), (300, 3, 4)])
def test_sets_cover_as_often_as_stated(n, k, sharpness, error_rate):
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(300):
        sets = fit_prediction_sets(*drawn(rng, n, k, sharpness), error_rate=error_rate)
        fresh, codes = drawn(rng, 300, k, sharpness)
        covered.append(sets.of(fresh)[np.arange(300), codes].mean())
    expected = np.ceil((n + 1) * (1 - error_rate) - 1e-9) / (n + 1)
    assert np.mean(covered) == pytest.approx(expected, abs=0.015)


def test_groups_are_covered_too():
    rng = np.random.default_rng(0)
    covered, groups = [], np.arange(300) // 5
    for _ in range(200):
        sets = fit_prediction_sets(*drawn(rng, 300, 3, 1.5, group=5), groups=groups)
        fresh, codes = drawn(rng, 1000, 3, 1.5, group=5)
        covered.append(sets.of(fresh)[np.arange(1000), codes].mean())
    assert 0.89 < np.mean(covered) < 0.92


@pytest.mark.parametrize(("error_rate", "needed"), [(0.1, 9), (0.05, 19), (0.01, 99), (0.3, 3)])
def test_too_few_items_put_every_class_in(error_rate, needed):
    rng = np.random.default_rng(0)
    few = fit_prediction_sets(*drawn(rng, needed - 1, 3, 5), error_rate=error_rate)
    assert (few.enough, few.least, few.needed) == (False, 0, needed)
    assert few.of(np.array([[1.0, 0.0, 0.0]])).all()
    assert fit_prediction_sets(*drawn(rng, needed, 3, 5), error_rate=error_rate).enough


def test_few_groups_are_too_few():
    probabilities, codes = drawn(np.random.default_rng(0), 80, 3, 5)
    assert not fit_prediction_sets(probabilities, codes, groups=np.arange(80) // 10).enough
    assert fit_prediction_sets(probabilities, codes, groups=np.arange(80) // 8).enough


@given(st.integers(9, 60), st.integers(0, 100))
def test_the_calibration_items_themselves_are_covered(n, seed):
    probabilities, codes = drawn(np.random.default_rng(seed), n, 4, 2)
    sets = fit_prediction_sets(probabilities, codes)
    assert sets.of(probabilities)[np.arange(n), codes].mean() >= 0.9


def test_an_empty_set_may_be_filled():
    sets = PredictionSets(error_rate=0.1, least=0.8, n_items=50, enough=True, needed=9)
    rows = np.array([[0.5, 0.3, 0.2], [0.9, 0.1, 0.0]])
    assert sets.of(rows).sum(axis=1).tolist() == [0, 1]
    assert sets.of(rows, never_empty=True).tolist() == [[True, False, False]] * 2


def test_float32_is_compared_as_it_was_stored():
    probabilities, codes = drawn(np.random.default_rng(0), 50, 3, 2)
    sets = fit_prediction_sets(probabilities.astype(np.float32), codes)
    read = PredictionSets.model_validate_json(sets.model_dump_json())
    own = probabilities.astype(np.float32)[np.arange(50), codes]
    assert (own == read.least).sum() == 1
    assert read.of(probabilities.astype(np.float32))[np.arange(50), codes].sum() == 46


def test_items_of_unseen_classes_are_left_out():
    probabilities, codes = drawn(np.random.default_rng(0), 60, 3, 2)
    probabilities[:5] = 0
    sets = fit_prediction_sets(probabilities, codes, seen=np.arange(60) >= 5)
    assert sets.n_items == 55
    assert sets.least > 0


@pytest.mark.parametrize("rate", [0, 1, -0.1])
def test_the_error_rate_is_a_share(rate):
    with pytest.raises(ParameterError, match="error_rate"):
        fit_prediction_sets(np.eye(2), np.array([0, 1]), error_rate=rate)


def test_no_items_give_no_sets():
    with pytest.raises(DataError, match="no held-out items"):
        fit_prediction_sets(np.eye(2), np.array([0, 1]), seen=np.zeros(2, bool))
