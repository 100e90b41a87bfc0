import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from topwork.errors import ParameterError
from topwork.heads import item_weights
from topwork.heads.logistic import LogisticPath, LogisticProblem


def test_balanced_agrees_with_scikit_learn(rng):
    codes = rng.integers(0, 4, 30)
    assert item_weights(codes, 6, "balanced") == pytest.approx(
        compute_sample_weight("balanced", codes)
    )


def test_none_weighs_alike():
    assert item_weights(np.array([0, 1, 1]), 2, None).tolist() == [1, 1, 1]


def test_other_names_are_refused():
    with pytest.raises(ParameterError, match="class_weight"):
        item_weights(np.array([0, 1]), 2, "equal")


def test_a_row_that_stands_for_several_is_like_several_rows() -> None:
    rng = np.random.default_rng(0)
    X, codes = rng.normal(size=(40, 6)), np.arange(40) % 3
    times = np.where(codes == 1, 3, 1)
    repeated = np.repeat(np.arange(40), times)
    few = LogisticProblem.prepare(X, codes, 3, sample_weight=times)
    many = LogisticProblem.prepare(X[repeated], codes[repeated], 3)
    one = few.linear(LogisticPath(few).reach(10 * len(repeated) / 40))
    other = many.linear(LogisticPath(many).reach(10))
    np.testing.assert_allclose(one.probabilities(X), other.probabilities(X), atol=2e-3)
