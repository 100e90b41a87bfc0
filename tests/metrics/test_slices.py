import numpy as np
import pytest

from topwork.errors import ParameterError
from topwork.metrics.slices import Slices, holm, judge_slices


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    brightness = rng.random(400)
    right = rng.random(400) < np.where(brightness < 0.25, 0.5, 0.95)
    place = np.array(["roof", "yard", "cellar"])[np.argsort(np.argsort(rng.random(400))) % 3]
    return right, {"brightness": brightness, "place": place}


def test_what_is_worse_is_found(data):
    slices = judge_slices(*data)
    worst = slices.found[0]
    assert (worst.attribute, worst.difference < -0.3) == ("brightness", True)
    assert worst.accuracy.low < worst.accuracy.value < worst.accuracy.high < worst.rest
    assert len(slices.all) == 4 + 3
    assert not any(s.attribute == "place" for s in slices.found)
    assert sum(s.n_items for s in slices.all if s.attribute == "brightness") == 400


@pytest.mark.parametrize(("n", "share", "group"), [(100, 0.9, 1), (400, 0.97, 1), (300, 0.8, 5)])
def test_nothing_is_rarely_found_where_nothing_is(n, share, group):
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(50):
        lean = rng.standard_normal(n // group).repeat(group) * (group > 1)
        right = rng.random(n) < 1 / (1 + (1 / share - 1) * np.exp(-lean))
        attributes = {str(i): rng.random(n // group).repeat(group) for i in range(4)}
        groups = np.arange(n) // group if group > 1 else None
        found += bool(judge_slices(right, attributes, groups=groups).found)
    assert found / 50 <= 0.12


def test_values_that_are_missing_are_in_no_slice():
    numbers = np.where(np.arange(200) < 50, np.nan, np.arange(200))
    kinds = [None] * 50 + ["a"] * 75 + [float("nan")] * 75
    slices = judge_slices(np.arange(200) % 3 > 0, {"number": numbers, "kind": kinds})
    total = {
        name: sum(s.n_items for s in slices.all if s.attribute == name)
        for name in ("number", "kind")
    }
    assert total == {"number": 150, "kind": 75}


def test_small_slices_and_single_values_are_not_looked_at():
    attributes = {
        "rare": ["a"] * 9 + ["b"] * 91,
        "same": [1.5] * 100,
        "names": np.arange(100).astype(str),
    }
    slices = judge_slices(np.arange(100) % 2 > 0, attributes)
    assert slices.all == ()


def test_groups_make_it_humbler():
    groups = np.arange(200) // 20
    right, place = groups != 3, np.where(groups < 4, "here", "there")
    naive = judge_slices(right, {"place": place}).all[0].p
    honest = judge_slices(right, {"place": place}, groups=groups).all[0].p
    assert naive < 0.001 < 0.05 < honest


def test_holm_is_that_of_statistics():
    assert holm([0.01, 0.02, 0.03, 0.5]) == pytest.approx([0.04, 0.06, 0.06, 0.5])
    assert holm([]) == []


def test_slices_survive_json(data):
    slices = judge_slices(*data)
    assert Slices.model_validate_json(slices.model_dump_json()) == slices


def test_each_item_needs_a_value():
    with pytest.raises(ParameterError, match="attribute 'place'"):
        judge_slices(np.ones(3, bool), {"place": ["a"]})
