import numpy as np
import pytest

from topwork.heads import LinearHead, normalise_rows, softmax


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e12, 1e30])
def test_rows_have_length_one_at_any_scale(rng, scale):
    X = (rng.standard_normal((5, 7)) * scale).astype(np.float32)
    assert np.linalg.norm(normalise_rows(X), axis=1) == pytest.approx(1, abs=1e-6)


def test_zero_rows_stay_zero_and_the_input_is_untouched():
    X = np.zeros((2, 3), dtype=np.float16)
    X[1] = [0, 3, 4]
    before = X.copy()
    assert normalise_rows(X)[0].tolist() == [0, 0, 0]
    assert np.array_equal(X, before)


def test_softmax_of_huge_logits_is_finite():
    assert softmax(np.float32([[1e30, 0.0, -1e30]])).tolist() == [[1, 0, 0]]


def test_logits_ignore_the_length_of_rows(rng):
    head = LinearHead(
        rng.standard_normal((4, 3)).astype(np.float32), np.zeros(3, np.float32), normalise=True
    )
    X = rng.standard_normal((6, 4))
    assert head.logits(X) == pytest.approx(head.logits(10 * X), abs=1e-5)
    assert head.probabilities(X).sum(axis=1) == pytest.approx(1, abs=1e-6)


def test_temperature_flattens(rng):
    head = LinearHead(np.eye(3, dtype=np.float32), np.zeros(3, np.float32))
    X = np.eye(3)
    assert head.probabilities(X, temperature=2).max() < head.probabilities(X).max()
