import numpy as np
import pytest

from benchmarks.audit import Setting, coverage
from topwork.errors import DataError, ParameterError
from topwork.selection.audit import NO_CLASS, AuditPlan, AuditResult, audited, plan_audit


def said(m=500, k=4, alike=0.8, seed=0):
    """The truth, and what two models say."""
    return Setting(0.8, k, m, alike).draw(np.random.default_rng(seed))


@pytest.mark.parametrize("accuracy", [0.5, 0.9])
@pytest.mark.parametrize(("k", "m", "alike"), [(3, 200, 0.97), (20, 4000, 0.5)])
def test_intervals_cover(accuracy, k, m, alike):
    found = coverage(Setting(accuracy, k, m, alike), 200)
    # 95 % intervals cover 120 truths less often than this once in some thousand times.
    assert min(found.before, found.after, found.difference) >= 0.88
    assert found.width <= 1.3 * found.width_random


def test_too_narrow_intervals_would_be_noticed(monkeypatch):
    monkeypatch.setattr("topwork.selection.audit.wilson", lambda p, n: (p - 0.06, p + 0.06))
    assert coverage(Setting(0.7, 5, 1000, 0.7), 200).after < 0.88


def test_estimates_are_unbiased():
    truth, old, new = said(300, alike=0.5)
    plans = [plan_audit(old, new, 40, seed=i) for i in range(200)]
    results = [audited(plan, truth[list(plan.positions)]) for plan in plans]
    expected = [np.mean(old == truth), np.mean(new == truth)]
    expected.append(expected[1] - expected[0])
    for score, value in zip(("before", "after", "difference"), expected, strict=True):
        values = [getattr(result, score).value for result in results]
        assert np.mean(values) == pytest.approx(value, abs=4 * np.std(values) / np.sqrt(200))


def test_weights_are_those_of_the_draw():
    _, old, new = said(300, alike=0.5)
    drawn = np.zeros(300)
    for i in range(300):
        plan = plan_audit(old, new, 40, seed=i)
        drawn[list(plan.positions)] += 1
        assert len(set(plan.positions)) == 40
        assert np.sum(1 / np.array(plan.inclusion)) == pytest.approx(300)
    chance = dict(zip(plan.positions, plan.inclusion, strict=True))
    expected = {bool(old[i] != new[i]): p for i, p in chance.items()}
    for disagreed, p in expected.items():
        shares = drawn[(old != new) == disagreed] / 300
        assert shares == pytest.approx(np.full(len(shares), p), abs=0.15)


def test_disagreements_are_drawn_more_often():
    _, old, new = said(2000, alike=0.97)
    plan = plan_audit(old, new, 60)
    disagreed = np.mean(np.array(plan.before) != plan.after)
    assert disagreed > 3 * np.mean(old != new)


def test_everything_labelled_leaves_no_doubt():
    truth, old, new = said(50)
    plan = plan_audit(old, new, 60)
    result = audited(plan, truth[list(plan.positions)])
    assert sorted(plan.positions) == list(range(50))
    assert result.after.low == result.after.high == pytest.approx(np.mean(new == truth))
    assert result.difference.low == result.difference.high
    assert result.n == 50


def test_equal_models_do_not_differ():
    truth, old, _ = said()
    plan = plan_audit(old, old, 30)
    result = audited(plan, truth[list(plan.positions)])
    assert result.difference.model_dump() == {"value": 0, "low": 0, "high": 0}
    assert result.before == result.after


def test_one_may_stop_early():
    truth, old, new = said(1000, alike=0.5)
    plan = plan_audit(old, new, 60)
    first = np.arange(60) < 30
    result = audited(plan, truth[list(plan.positions)], labelled=first)
    whole = audited(plan, truth[list(plan.positions)])
    assert result.n == 30
    assert result.after.high - result.after.low > whole.after.high - whole.after.low


def test_no_class_is_wrong_for_both():
    _, old, new = said()
    result = audited(plan := plan_audit(old, new, 30), np.full(30, NO_CLASS))
    assert (result.before.value, result.after.value) == (0, 0)
    assert 0 < result.after.high < 0.3
    assert len(plan.positions) == 30


def test_answers_other_than_those_it_was_drawn_by_keep_their_weights():
    """Near a threshold, rounded features may say otherwise than the models."""
    truth, old, new = said(2000, alike=0.7)
    rng = np.random.default_rng(0)
    rounded = [np.where(rng.random(2000) < 0.03, 1 - codes % 2, codes) for codes in (old, new)]
    expected = np.array([np.mean(old == truth), np.mean(new == truth)])
    expected = np.append(expected, expected[1] - expected[0])
    found = np.empty((300, 3))
    held = np.empty((300, 3), bool)
    for i in range(300):
        plan = plan_audit(*rounded, 60, seed=i)
        rows = list(plan.positions)
        plan = plan.said(old[rows], new[rows])
        assert AuditPlan.model_validate_json(plan.model_dump_json()) == plan
        result = audited(plan, truth[rows])
        scores = (result.before, result.after, result.difference)
        found[i] = [s.value for s in scores]
        held[i] = [s.low <= e <= s.high for s, e in zip(scores, expected, strict=True)]
    assert (np.abs(found.mean(axis=0) - expected) < 4 * found.std(axis=0) / np.sqrt(300)).all()
    assert held.mean(axis=0).min() >= 0.9


def test_it_is_the_same_every_time_and_goes_to_json():
    _, old, new = said()
    plan = plan_audit(old, new, 30, seed=3)
    assert plan == plan_audit(old, new, 30, seed=3) != plan_audit(old, new, 30, seed=4)
    assert AuditPlan.model_validate_json(plan.model_dump_json()) == plan
    result = audited(plan, plan.before)
    assert AuditResult.model_validate_json(result.model_dump_json()) == result


def test_what_does_not_fit_is_said():
    with pytest.raises(ParameterError, match="shape"):
        plan_audit(np.zeros(3), np.zeros(4), 10)
    with pytest.raises(ParameterError, match="n is 3"):
        plan_audit(np.zeros(30), np.zeros(30), 3)
    with pytest.raises(DataError, match="no items"):
        plan_audit(np.zeros(0), np.zeros(0), 10)
    _, old, new = said()
    plan = plan_audit(old, new, 10)
    with pytest.raises(ParameterError, match="shape"):
        audited(plan, np.zeros(9))
    with pytest.raises(DataError, match="No label"):
        audited(plan, np.zeros(10), labelled=np.zeros(10, bool))
