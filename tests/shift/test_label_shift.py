"""The promises of the benchmark, on fewer cases."""

import numpy as np
import pytest

from benchmarks.label_shift import AdaptationContext, draw, outcome
from topwork.errors import DataError, ParameterError
from topwork.shift.guarded_correction import safe_shares
from topwork.shift.label_shift import LabelShift, label_shift

CASES = 8


def case(seed, **changes):
    known = {"k": 4, "n": 200, "m": 200, "separation": 2.5, "noise": "plain", "strength": 1.0}
    return AdaptationContext(**(known | {"even": seed % 2 == 0, "seed": seed} | changes))


@pytest.fixture(scope="module")
def moved():
    return [outcome(case(i, noise=("plain", "heavy", "scaled")[i % 3])) for i in range(CASES)]


def test_intervals_hold_the_truth(moved):
    assert np.mean([o.covered for o in moved]) >= 0.85
    assert np.mean([o.jointly for o in moved]) >= 0.75


def test_a_shift_is_found_and_correcting_never_loses(moved):
    assert np.mean([o.shifted for o in moved]) >= 0.6
    assert sum(o.corrects for o in moved) >= 2
    assert min(o.gain_fresh for o in moved) >= 0
    assert min(o.gain_items for o in moved) >= 0
    assert np.mean([o.gain_fresh for o in moved if o.corrects]) > 0.01


def test_none_is_found_where_none_is():
    found = [outcome(case(100 + i, strength=0.0)) for i in range(CASES)]
    assert sum(o.shifted for o in found) <= 3
    assert np.mean([o.covered for o in found]) >= 0.85


def test_target_labels_would_not_change_it_but_held_out_ones_do():
    data = draw(case(1))
    found = label_shift(data.target, data.source, held_out=data.held_out, codes=data.codes)
    again = label_shift(data.target, data.source, held_out=data.held_out, codes=data.codes)
    other = label_shift(data.target, data.source, held_out=data.held_out, codes=data.codes[::-1])
    assert found == again != other
    assert LabelShift.model_validate_json(found.model_dump_json()) == found


def test_uncertainty_of_the_source_widens_intervals():
    data = draw(case(3, m=2000, separation=1.5))
    believed = label_shift(data.target, data.source)
    found = label_shift(data.target, data.source, held_out=data.held_out, codes=data.codes)
    widths = [np.subtract(f.high, f.low).mean() for f in (believed, found)]
    assert widths[1] > 1.3 * widths[0]


def test_the_record_is_consistent():
    data = draw(case(5, strength=3.0, m=1000))
    found = label_shift(data.target, data.source, held_out=data.held_out, codes=data.codes)
    source, target = np.array(found.source), np.array(found.target)
    assert target.sum() == pytest.approx(1)
    assert sum(found.adjusted) == pytest.approx(1)
    assert np.all(np.array(found.low) <= target)
    assert np.all(target <= np.array(found.high))
    assert found.distance.value == pytest.approx(np.abs(source - target).sum() / 2)
    assert found.shifted == (found.distance.low > 0)
    assert "distributed differently" in found.sentence
    assert found.corrected(data.target).sum(axis=1) == pytest.approx(np.ones(1000), abs=1e-5)


def test_without_a_shift_nothing_is_corrected():
    p = np.tile([[0.9, 0.1], [0.1, 0.9]], (100, 1))
    found = label_shift(p, [0.5, 0.5])
    assert (found.shifted, found.corrects, found.gain) == (False, False, 0)
    assert found.corrected(p) == pytest.approx(p)
    assert "no difference can be shown" in found.sentence


def test_perfect_probabilities_give_the_intervals_of_counting():
    p = np.eye(2)[[0] * 90 + [1] * 10]
    found = label_shift(p, [0.5, 0.5])
    assert found.target[1] == pytest.approx(0.1)
    assert 0.03 < found.low[1] < 0.07
    assert 0.15 < found.high[1] < 0.20


def test_many_held_out_items_are_sampled():
    data = draw(case(2, n=3500))
    found = label_shift(data.target, data.source, held_out=data.held_out, codes=data.codes)
    assert len(data.codes) > 3000
    assert 0 < found.p <= 1


def test_a_class_without_held_out_items_does_no_harm():
    data = draw(case(2))
    kept = data.codes != 3
    found = label_shift(
        data.target, data.source, held_out=data.held_out[kept], codes=data.codes[kept]
    )
    assert np.isfinite([*found.target, *found.low, *found.high]).all()


def test_no_correction_where_plausible_shares_disagree():
    p = np.tile([[0.55, 0.45]], (200, 1))
    even, other = np.array([0.5, 0.5]), np.array([0.4, 0.6])
    shares, gain = safe_shares(p, p, even, other, np.array([[0.4, 0.6], [0.6, 0.4]]))
    assert (shares.tolist(), gain) == ([0.5, 0.5], 0)


def test_what_does_not_fit_is_said():
    with pytest.raises(ParameterError, match="shape"):
        label_shift(np.full((30, 2), 0.5), [1.0])
    with pytest.raises(DataError, match="unlabelled"):
        label_shift(np.full((5, 2), 0.5), [0.5, 0.5])
