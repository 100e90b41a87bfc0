"""Brier, area under the curve, calibration error and top five, with their intervals."""

import numpy as np
import pytest
from sklearn import metrics as peer

from topwork.heads import softmax
from topwork.metrics import judge
from topwork.metrics.auroc import auroc, macro_auroc, midranks
from topwork.metrics.calibration_error import adaptive_calibration_error, confidence_bins
from topwork.metrics.intervals import Units
from topwork.metrics.metrics import in_top, item_briers


def drawn(rng, n, k, sharpness=1.0, group=1):
    """Probabilities, calibrated at sharpness 1, and codes; groups share some noise."""
    codes = np.arange(n) % k
    logits = 2 * np.eye(k)[codes] + rng.standard_normal((n, k))
    if group > 1:
        logits += 0.7 * rng.standard_normal((-(-n // group), k)).repeat(group, axis=0)[:n]
    return softmax(2 * sharpness * logits), codes


def names(k):
    return [str(c) for c in range(k)]


@pytest.mark.parametrize("k", [2, 5])
def test_areas_are_those_of_scikit_learn(k):
    probabilities, codes = drawn(np.random.default_rng(0), 200, k, 0.3)
    rounded = (probabilities * 4).round() / 4
    value, influence = macro_auroc(rounded, codes)
    expected = [peer.roc_auc_score(codes == c, rounded[:, c]) for c in range(k)]
    assert value == pytest.approx(np.mean(expected))
    assert influence.sum() == pytest.approx(0, abs=1e-9)


def test_only_classes_that_occur_have_an_area():
    probabilities, codes = drawn(np.random.default_rng(0), 60, 4)
    few = codes % 2
    assert macro_auroc(probabilities, few)[0] == pytest.approx(
        np.mean([auroc(probabilities[:, c], few == c)[0] for c in (0, 1)])
    )
    assert macro_auroc(probabilities, np.zeros(60, int)) is None
    assert judge(np.zeros(60, int), probabilities, names(4)).more.auroc is None


def test_equal_values_share_their_rank():
    assert midranks(np.array([2.0, 2.0, 1.0])).tolist() == [2.5, 2.5, 1]


def test_briers_are_squared_distances():
    probabilities, codes = drawn(np.random.default_rng(0), 30, 4)
    expected = np.square(probabilities - np.eye(4)[codes]).sum(axis=1)
    assert item_briers(codes, probabilities) == pytest.approx(expected, abs=1e-6)


def test_the_top_is_that_of_scikit_learn():
    probabilities, codes = drawn(np.random.default_rng(0), 100, 12, 0.2)
    assert in_top(codes, probabilities, 5).mean() == peer.top_k_accuracy_score(
        codes, probabilities, k=5
    )


@pytest.mark.parametrize(("k", "told"), [(19, False), (20, True)])
def test_the_top_five_are_told_of_many_classes(k, told):
    probabilities, codes = drawn(np.random.default_rng(0), 60, k)
    assert (judge(codes, probabilities, names(k)).more.top5 is not None) == told


def test_bins_are_of_equal_mass_and_not_too_small():
    probabilities, codes = drawn(np.random.default_rng(0), 205, 3)
    bins = confidence_bins(probabilities, codes, Units.of(205))
    assert len(bins.gaps) == 10
    assert np.ptp(bins.weights) <= 1 / 205 + 1e-12
    assert len(confidence_bins(*drawn(np.random.default_rng(0), 9, 3), Units.of(9)).gaps) == 1


def test_confidence_that_is_too_high_is_an_error():
    rng = np.random.default_rng(0)
    good, codes = drawn(rng, 3000, 3)
    high, _ = drawn(np.random.default_rng(0), 3000, 3, sharpness=3)
    error, low, _ = adaptive_calibration_error(good, codes, Units.of(3000))
    worse, worse_low, _ = adaptive_calibration_error(high, codes, Units.of(3000))
    assert error < 0.03 < worse
    assert (low, worse_low > 0.03) == (0, True)


@pytest.mark.parametrize(
    ("n", "k", "sharpness", "group"),
    [(60, 3, 1, 1), (300, 3, 2.5, 1), (300, 10, 0.4, 1), (300, 3, 1, 5)],
)
def test_intervals_cover_the_truth(n, k, sharpness, group):
    rng = np.random.default_rng(0)
    many, codes = drawn(rng, 60_000, k, sharpness, group)
    order = np.array_split(np.argsort(many.max(axis=1)), max(1, min(15, n // 20)))
    gap = (many.argmax(axis=1) == codes) - many.max(axis=1)
    truth = np.array(
        [
            item_briers(codes, many).mean(),
            macro_auroc(many, codes)[0],
            np.mean([abs(gap[rows].mean()) for rows in order]),
        ]
    )
    groups = np.arange(n) // group if group > 1 else None
    covered = []
    for _ in range(100):
        probabilities, codes = drawn(rng, n, k, sharpness, group)
        more = judge(codes, probabilities, names(k), groups=groups).more
        scores = (more.brier, more.auroc, more.calibration_error)
        covered.append([s.low <= t <= s.high for s, t in zip(scores, truth, strict=True)])
    assert np.mean(covered, axis=0).min() >= 0.88


def test_perfect_areas_are_not_certain():
    codes = np.arange(60) % 2
    area = judge(codes, np.eye(2)[codes], names(2)).more.auroc
    assert (area.value, area.high) == (1, 1)
    assert 0.95 < area.low < 0.99
