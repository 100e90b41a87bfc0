import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from topwork.calibration.temperature import Temperature, fit_temperature
from topwork.errors import ParameterError
from topwork.heads import softmax
from topwork.metrics.metrics import log_loss


def drawn(n, k, sharpness, seed=0):
    """Logits ``sharpness`` times too large for classes drawn by their softmax, and the codes."""
    rng = np.random.default_rng(seed)
    logits = 2 * rng.standard_normal((n, k))
    codes = (softmax(logits).cumsum(axis=1) < rng.random(n)[:, None]).sum(axis=1)
    return logits * sharpness, np.minimum(codes, k - 1)


@pytest.mark.parametrize("sharpness", [0.2, 1.0, 5.0])
def test_the_temperature_of_many_items_is_found(sharpness):
    logits, codes = drawn(20_000, 6, sharpness)
    assert fit_temperature(logits, codes).value == pytest.approx(sharpness, rel=0.05)


@pytest.mark.parametrize("sharpness", [0.3, 4.0])
def test_it_is_the_minimum(sharpness):
    logits, codes = drawn(50, 4, sharpness)

    def objective(log_beta):
        beta = np.exp(log_beta)
        own = log_loss(codes, softmax(beta * logits)) * len(codes)
        return own + 10 * (beta - 1 - np.log(beta))

    peer = minimize_scalar(objective, bounds=(-4, 4), method="bounded", options={"xatol": 1e-7})
    assert fit_temperature(logits, codes).value == pytest.approx(np.exp(-peer.x), rel=1e-3)


def test_perfect_answers_do_not_become_certain():
    codes = np.arange(20) % 2
    fitted = fit_temperature(3.0 * np.eye(2)[codes], codes)
    assert 0.3 < fitted.value < 1


def test_few_items_hardly_move_it():
    logits, codes = drawn(5, 3, 5.0)
    assert 1 <= fit_temperature(logits, codes).value < 2.5


def test_items_of_unseen_classes_are_left_out():
    logits, codes = drawn(200, 4, 1.0)
    seen = codes != 3
    assert fit_temperature(logits, codes, seen=seen) == fit_temperature(logits[seen], codes[seen])
    assert fit_temperature(logits, codes, seen=seen).n_items == seen.sum()


def test_without_items_nothing_changes():
    nothing = fit_temperature(np.zeros((2, 3)), np.array([0, 1]), seen=np.zeros(2, bool))
    assert nothing == Temperature(value=1, n_items=0, log_loss_before=None, log_loss_after=None)


def test_the_log_losses_are_told():
    logits, codes = drawn(500, 3, 4.0)
    fitted = fit_temperature(logits, codes)
    assert fitted.log_loss_before == pytest.approx(log_loss(codes, softmax(logits)), rel=1e-3)
    after = log_loss(codes, softmax(logits / fitted.value))
    assert fitted.log_loss_after == pytest.approx(after, rel=1e-3)
    assert fitted.log_loss_after < fitted.log_loss_before


def test_huge_logits_do_not_overflow():
    logits, codes = drawn(50, 3, 1e6)
    assert fit_temperature(logits, codes).value == pytest.approx(100, rel=0.01)


def test_shapes_must_agree():
    with pytest.raises(ParameterError, match="shape"):
        fit_temperature(np.zeros((3, 2)), np.array([0, 1]))
