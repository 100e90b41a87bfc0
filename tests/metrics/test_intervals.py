import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from topwork.metrics.intervals import Units, mean_interval, quantile_95, wilson
from topwork.metrics.judge import class_scores, judge
from topwork.metrics.metrics import ClassCounts

REPEATS = 500
#: Of 500 repeats, an interval of exactly 95 % covers fewer about once in fifty settings.
MIN = 0.93


@pytest.mark.parametrize(("degrees", "error"), [(3, 0.02), (5, 0.005), (30, 1e-4), (1e6, 1e-6)])
def test_quantiles_are_those_of_student(degrees, error):
    assert quantile_95(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=error)


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (9, 10), (10, 10), (150, 300)])
def test_wilson_is_that_of_scipy(hits, n):
    peer = stats.binomtest(hits, n).proportion_ci(method="wilson")
    low, high = wilson(hits / n, n)
    assert (low, high) == pytest.approx((peer.low, peer.high), abs=1e-9)


def test_nothing_is_known_from_no_items():
    assert wilson(0.0, 0.0) == (0.0, 1.0)


def one_hot(predicted, k):
    return np.eye(k)[predicted]


def names(k):
    return [str(c) for c in range(k)]


@given(st.data())
@settings(deadline=None, max_examples=80)
def test_values_lie_in_their_intervals(data):
    n, k = data.draw(st.integers(1, 30)), data.draw(st.integers(1, 5))
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    groups = rng.integers(0, 6, n) if data.draw(st.booleans()) else None
    judgement = judge(
        rng.integers(0, k, n), rng.dirichlet(np.ones(k) / 5, n), names(k), groups=groups
    )
    scores = list(dict(judgement.scores).values())
    scores += [s for c in judgement.per_class for s in (c.precision, c.recall) if s is not None]
    for score in scores:
        assert 0 <= score.low <= score.value
        assert score.high is None or score.value <= score.high
    for score in scores[:3] + scores[4:]:
        assert score.high <= 1


def scores_of(codes, predicted, k, groups=None):
    """What ``judge`` says of accuracy, balanced accuracy and macro F1, without all the rest."""
    counts, units = ClassCounts.of(codes, predicted, k), Units.of(len(codes), groups)
    return class_scores(codes, one_hot(predicted, k), counts, units, predicted)


def simulate(sizes, recalls, *, groups=None, spread=0.0, seed=0, repeats=REPEATS):
    """Share of repeats in which accuracy, balanced accuracy and macro F1 are covered.

    Errors go to any other class with equal probability; ``spread`` is the standard deviation of
    the groups' log odds.
    """
    rng = np.random.default_rng(seed)
    k = len(sizes)
    codes = np.repeat(np.arange(k), sizes)
    recalls = np.broadcast_to(recalls, k).astype(float)

    def answers(codes, members, n_groups):
        odds = np.log(recalls / (1 - recalls))[codes]
        odds = odds + spread * rng.standard_normal(n_groups)[members]
        right = rng.random(len(codes)) < 1 / (1 + np.exp(-odds))
        return np.where(right, codes, (codes + rng.integers(1, k, len(codes))) % k)

    many = np.tile(codes, 400_000 // len(codes))
    truth = scores_of(many, answers(many, np.arange(len(many)), len(many)), k)
    members = np.arange(len(codes)) if groups is None else groups
    covered = np.zeros(3)
    for _ in range(repeats):
        predicted = answers(codes, members, members.max() + 1)
        scores = scores_of(codes, predicted, k, groups)
        for i, name in enumerate(("accuracy", "balanced_accuracy", "macro_f1")):
            score, true = getattr(scores, name), getattr(truth, name).value
            covered[i] += score.low <= true <= score.high
    return covered / repeats


@pytest.mark.parametrize(
    ("sizes", "recalls"),
    [
        ([20] * 3, 0.8),
        ([20] * 3, 0.97),
        ([100] * 3, 0.6),
        ([100] * 3, 0.99),
        ([40, 15, 5], [0.95, 0.8, 0.6]),
        ([200, 80, 20], [0.97, 0.9, 0.5]),
        ([30] * 10, np.linspace(0.6, 0.99, 10)),
        ([60, 30, 15, 8, 4, 2, 1], np.linspace(0.97, 0.6, 7)),
    ],
)
def test_intervals_of_independent_items_cover_the_truth(sizes, recalls):
    accuracy, balanced, f1 = simulate(sizes, recalls)
    assert accuracy >= MIN
    assert balanced >= MIN
    assert f1 >= MIN - 0.01


@pytest.mark.parametrize(
    ("n_groups", "recall", "spread"), [(60, 0.8, 2), (60, 0.97, 2), (12, 0.8, 1)]
)
def test_intervals_of_groups_cover_the_truth(n_groups, recall, spread):
    groups = np.random.default_rng(1).permutation(np.arange(300) % n_groups)
    grouped = simulate([100] * 3, recall, groups=groups, spread=spread)
    assert grouped.min() >= MIN


def test_taking_groups_for_items_would_not_cover():
    groups = np.arange(300) % 12
    codes = np.repeat(np.arange(3), 100)
    predicted = np.where(groups < 3, (codes + 1) % 3, codes)
    naive = judge(codes, one_hot(predicted, 3), names(3)).scores.accuracy
    honest = judge(codes, one_hot(predicted, 3), names(3), groups=groups).scores.accuracy
    assert honest.high - honest.low > 3 * (naive.high - naive.low)


@pytest.mark.parametrize(("n", "low"), [(60, 0.94), (300, 0.987)])
def test_all_right_is_not_certain(n, low):
    codes = np.arange(n) % 3
    scores = judge(codes, one_hot(codes, 3), names(3)).scores
    for score in (scores.accuracy, scores.balanced_accuracy, scores.macro_f1):
        assert (score.value, score.high) == (1, 1)
        assert score.low == pytest.approx(low, abs=0.002)


def test_all_right_in_few_groups_is_less_certain():
    codes = np.arange(300) % 3
    groups = np.arange(300) // 30
    assert judge(codes, one_hot(codes, 3), names(3), groups=groups).scores.accuracy.low < 0.75


def test_one_group_says_nothing_about_the_spread():
    codes = np.arange(30) % 3
    scores = judge(codes, one_hot(codes, 3), names(3), groups=np.zeros(30)).scores
    assert (scores.accuracy.low, scores.accuracy.high) == (0, 1)
    assert scores.log_loss.high is None


@pytest.mark.parametrize(("n", "least"), [(60, 0.91), (300, 0.93)])
def test_intervals_of_mean_losses_cover_the_truth(n, least):
    def losses(size):
        return np.log1p(np.exp(-(3 + 2 * rng.standard_normal(size))))

    rng = np.random.default_rng(0)
    truth = losses(2_000_000).mean()
    intervals = [mean_interval(losses(n), Units.of(n)) for _ in range(1000)]
    assert np.mean([low <= truth <= high for low, high in intervals]) >= least


def test_equal_losses_have_no_spread():
    assert mean_interval(np.full(5, 0.25), Units.of(5)) == (0.25, 0.25)
