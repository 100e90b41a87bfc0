import numpy as np
import pytest
from scipy.optimize import minimize

from topwork.calibration.bias_corrected import BiasCorrected, fit_bias_corrected
from topwork.errors import ParameterError
from topwork.heads import softmax


def drawn(n, biases, sharpness=2.0, seed=0):
    """Logits ``sharpness`` times too large and off by biases, and the classes."""
    rng = np.random.default_rng(seed)
    logits = 2 * rng.standard_normal((n, len(biases)))
    p = softmax(logits + biases)
    codes = np.minimum((p.cumsum(axis=1) < rng.random(n)[:, None]).sum(axis=1), len(biases) - 1)
    return logits * sharpness, codes


def test_temperature_and_biases_of_many_items_are_found():
    biases = np.array([0.0, 1.0, -1.0])
    logits, codes = drawn(20_000, biases)
    fitted = fit_bias_corrected(logits, codes).value
    assert fitted.sharpness == pytest.approx(0.5, rel=0.05)
    assert fitted.biases - fitted.biases[0] == pytest.approx(biases, abs=0.1)


def test_mean_probabilities_become_shares_of_classes():
    logits, codes = drawn(2000, np.array([0.0, 2.0, -1.0, 0.5]))
    p = fit_bias_corrected(logits, codes).value.probabilities(logits)
    assert p.mean(axis=0) == pytest.approx(np.bincount(codes) / 2000, abs=2e-3)


def test_it_is_the_minimum():
    logits, codes = drawn(60, np.array([0.0, 1.0, 0.0]))

    def objective(x):
        p = BiasCorrected(np.exp(x[0]), x[1:]).probabilities(logits)
        prior = 10 * (np.exp(x[0]) - 1 - x[0]) + np.square(x[1:]).sum() / 2
        return -np.log(p[np.arange(60), codes]).sum() + prior

    peer = minimize(objective, np.zeros(4), tol=1e-10)
    fitted = fit_bias_corrected(logits, codes).value
    assert fitted.sharpness == pytest.approx(np.exp(peer.x[0]), rel=1e-3)
    assert fitted.biases == pytest.approx(peer.x[1:], abs=2e-3)


def test_influence_is_what_an_item_more_does():
    logits, codes = drawn(400, np.array([0.0, 1.0, -1.0]))
    fitted = fit_bias_corrected(logits, codes)
    more = fit_bias_corrected(
        np.concatenate([logits, logits[:40]]), np.concatenate([codes, codes[:40]])
    )
    moved = fitted.value.moved(fitted.influence[:40].sum(axis=0))
    assert moved.sharpness == pytest.approx(more.value.sharpness, abs=0.02)
    assert moved.biases == pytest.approx(more.value.biases, abs=0.03)


def test_extreme_logits_do_no_harm():
    codes = np.arange(30) % 2
    fitted = fit_bias_corrected(1e3 * np.eye(2)[codes], codes).value
    assert np.isfinite(fitted.probabilities(1e3 * np.eye(2))).all()


def test_shapes_must_agree():
    with pytest.raises(ParameterError, match="shape"):
        fit_bias_corrected(np.zeros((3, 2)), np.array([0, 1]))
