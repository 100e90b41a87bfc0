import numpy as np

from topwork.heads.lbfgs import InverseHessian


def test_solves_a_quadratic(rng):
    A = rng.standard_normal((6, 6))
    H = (A @ A.T + np.eye(6)).astype(np.float32)
    target = rng.standard_normal(6).astype(np.float32)
    x = np.zeros(6, dtype=np.float32)
    inverse = InverseHessian(np.float32(1) / np.diag(H), memory=10)
    for _ in range(40):
        gradient = H @ (x - target)
        step = -inverse(gradient)
        step *= -(gradient @ step) / max(step @ H @ step, 1e-30)
        inverse.update(step, H @ step)
        x = x + step
    assert np.abs(x - target).max() < 1e-3


def test_a_step_without_curvature_is_forgotten():
    inverse = InverseHessian(np.ones(2, dtype=np.float32))
    inverse.update(np.float32([1, 0]), np.float32([-1, 0]))
    assert inverse(np.float32([3, 4])).tolist() == [3, 4]
