"""Two classes as a test, against counts by hand and over many simulated studies."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from topwork.data import ClassTargets
from topwork.errors import ParameterError
from topwork.metrics import judge
from topwork.metrics.screening import SPECIFICITIES, screening, threshold_for
from topwork.trials.costs import check_prevalence

LABELS = ("no", "yes")


def both(p: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([1 - p, p], axis=1)


def test_thresholds_are_chosen_on_the_other_folds() -> None:
    rng = np.random.default_rng(0)
    codes, folds = rng.integers(0, 2, 400), np.arange(400) % 5
    p = 1 / (1 + np.exp(-(rng.normal(size=400) + 1.5 * codes)))
    found = screening(LABELS, codes, both(p), folds)
    assert found is not None
    for aim, point in zip(SPECIFICITIES, found.points, strict=True):
        said = np.zeros(400, bool)
        for fold in range(5):
            others = np.sort(p[(folds != fold) & (codes == 0)])[::-1]
            said[folds == fold] = p[folds == fold] > others[int((1 - aim) * len(others) + 1e-9)]
        assert point.sensitivity.value == pytest.approx(said[codes == 1].mean())
        assert point.specificity.value == pytest.approx((~said)[codes == 0].mean())
        assert point.threshold == threshold_for(aim, p[codes == 0])


def test_the_specificity_that_is_aimed_at_is_reached_on_average() -> None:
    reached = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        codes = np.repeat([0, 1], 60)
        p = 1 / (1 + np.exp(-(rng.normal(size=120) + codes)))
        found = screening(LABELS, codes, both(p), rng.permutation(120) % 5)
        assert found is not None
        reached.append([point.specificity.value for point in found.points])
    assert np.mean(reached, axis=0) == pytest.approx(SPECIFICITIES, abs=0.02)


def test_predictive_values_and_net_benefit_hold_at_the_prevalence() -> None:
    codes = np.repeat([0, 1], 100)
    rng = np.random.default_rng(1)
    p = 1 / (1 + np.exp(-(rng.normal(size=200) + 2 * codes - 1)))
    found = screening(LABELS, codes, both(p), np.arange(200) % 4, prevalence=0.01)
    assert found is not None
    for point in found.points:
        right = point.sensitivity.value * 0.01
        wrong = (1 - point.specificity.value) * 0.99
        assert point.positive_predictive_value == pytest.approx(right / (right + wrong))
    own = screening(LABELS, codes, both(p), np.arange(200) % 4)
    assert own is not None
    for one in own.decision_curve:
        said, odds = p >= one.threshold, one.threshold / (1 - one.threshold)
        by_hand = (said & (codes == 1)).mean() - (said & (codes == 0)).mean() * odds
        assert one.model == pytest.approx(by_hand)
        assert one.act_on_all == pytest.approx(0.5 - 0.5 * odds)
    assert max(one.model for one in found.decision_curve) <= 0.01


def test_one_class_or_three_are_no_test() -> None:
    folds = np.arange(4) % 2
    assert screening(LABELS, np.zeros(4, int), both(np.full(4, 0.5)), folds) is None
    assert screening(("a", "b", "c"), np.arange(4) % 3, np.full((4, 3), 0.3), folds) is None


def test_a_prevalence_is_for_two_classes() -> None:
    check_prevalence(0.1, ClassTargets.from_labels(["a", "b"]))
    with pytest.raises(ParameterError, match="there are 3"):
        check_prevalence(0.1, ClassTargets.from_labels(["a", "b", "c"]))


@pytest.mark.parametrize(("n_patients", "most"), [(30, 1), (30, 20), (100, 20)])
def test_intervals_over_patients_hold(n_patients: int, most: int) -> None:
    """AUROC and sensitivity where images of a patient share most of what they look like."""
    hits = np.zeros((300, 2))
    truths = _truths(most)
    for seed in range(len(hits)):
        codes, p, patients = _study(np.random.default_rng(seed), n_patients, most)
        found = judge(codes, both(p), LABELS, groups=patients).more
        assert found is not None
        assert found.auroc is not None
        assert found.auroc.high is not None
        hits[seed, 0] = found.auroc.low <= truths[0] <= found.auroc.high
        fixed = screening(
            LABELS, codes, both(p), np.unique(patients, return_inverse=True)[1] % 5, groups=patients
        )
        assert fixed is not None
        point = fixed.points[0].sensitivity
        hits[seed, 1] = point.low <= truths[1] <= (1.0 if point.high is None else point.high)
    assert hits.mean(axis=0)[0] >= 0.93
    assert hits.mean(axis=0)[1] >= 0.90


def _study(
    rng: np.random.Generator, n_patients: int, most: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    sizes = rng.integers(1, most + 1, n_patients)
    ill = np.arange(n_patients) % 2
    patients = np.repeat(np.arange(n_patients), sizes)
    shared = rng.normal(0, 0.8, n_patients)[patients]
    score = shared + rng.normal(0, 0.6, len(patients)) + 1.5 * ill[patients]
    return ill[patients], 1 / (1 + np.exp(-score)), patients


def _truths(most: int) -> tuple[float, float]:
    codes, p, _ = _study(np.random.default_rng(99), 40_000, most)
    ill, well = np.sort(p[codes == 1]), np.sort(p[codes == 0])
    return (
        float(np.searchsorted(well, ill).mean() / len(well)),
        float((ill > threshold_for(0.9, well)).mean()),
    )
