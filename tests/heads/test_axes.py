import numpy as np
import pytest

from topwork.heads import axes as axes_module
from topwork.heads.axes import principal_axes


@pytest.mark.parametrize("shape", [(40, 10), (10, 40), (5, 1), (1, 5)])
def test_linear_undoes_the_change_of_coordinates(rng, shape):
    X = rng.standard_normal(shape).astype(np.float32) + 3
    axes = principal_axes(X)
    design = axes.design(X)
    W = rng.standard_normal((design.shape[1], 3)).astype(np.float32)
    weight, bias = axes.linear(W)
    assert design @ W == pytest.approx(X @ weight + bias, abs=1e-4)


def test_axes_are_uncorrelated(rng):
    X = (rng.standard_normal((50, 6)) @ rng.standard_normal((6, 6))).astype(np.float32)
    axes = principal_axes(X)
    inner = axes.design(X)[:, :6]
    assert inner.T @ inner / 50 == pytest.approx(np.diag(axes.variances), abs=1e-4)


def test_very_wide_and_long_data_keep_their_axes(rng, monkeypatch):
    monkeypatch.setattr(axes_module, "MAX_AXES", 3)
    X = rng.standard_normal((20, 5)).astype(np.float32)
    axes = principal_axes(X)
    assert axes.rotation is None
    assert axes.design(X)[:, :5] == pytest.approx(X - X.mean(axis=0), abs=1e-5)


def test_constant_features_have_no_axes():
    axes = principal_axes(np.ones((3, 8), dtype=np.float32))
    assert len(axes.variances) == 0
