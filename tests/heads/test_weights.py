import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from topwork.errors import ParameterError
from topwork.heads import item_weights


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
