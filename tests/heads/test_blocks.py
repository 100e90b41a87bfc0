"""Blocks of features: their scales, and the weights that a ridge's held-out errors suggest."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.heads.blocks import Blocks, BlockScale, choose_weights
from topwork.heads.blocks.block_weights import _error_of, _gram


def test_a_scaled_block_has_rows_of_length_one_on_average() -> None:
    X = np.random.default_rng(0).normal(3, 5, (200, 30))
    scaled = BlockScale.learn(X).scaled(X)
    assert np.square(scaled).sum(axis=1).mean() == pytest.approx(1, rel=1e-4)
    assert scaled.mean() == pytest.approx(0, abs=1e-5)


def test_a_missing_row_is_the_mean_of_the_block() -> None:
    X = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    X[3] = np.nan
    scale = BlockScale.learn(X)
    assert (scale.scaled(X)[3] == 0).all()
    assert np.isfinite(scale.mean).all()


@pytest.mark.parametrize("unit", [False, True])
def test_a_head_on_blocks_is_one_on_each_block(unit: bool) -> None:
    rng = np.random.default_rng(0)
    parts = [rng.normal(1, 2, (40, 6)), rng.normal(size=(40, 3))]
    scales = (BlockScale.learn(parts[0], unit=unit), BlockScale.learn(parts[1], standardise=False))
    blocks = Blocks(scales, (0.6, 0.8))
    weight = rng.normal(size=(9, 2)).astype(np.float32)
    own, bias = blocks.split(weight)
    first = parts[0] / np.linalg.norm(parts[0], axis=1, keepdims=True) if unit else parts[0]
    expected = first @ own[0] + parts[1] @ own[1] + bias
    assert np.allclose(blocks.rows(parts) @ weight, expected, atol=1e-4)


def test_errors_are_those_of_fits_without_the_group() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 60)).astype(np.float32), rng.normal(size=(30, 1))
    groups = np.repeat(np.arange(12), [1] * 4 + [2] * 5 + [4, 6, 6])
    found = _error_of([_gram(X)], y, groups)(np.ones(1))
    centred = X - X.mean(axis=0)
    gram = centred @ centred.T
    errors = []
    for alpha in np.logspace(-4, 3, 15) * np.linalg.eigvalsh(gram).clip(0).mean():
        held_out = np.empty(30)
        for group in range(12):
            own, rest = groups == group, groups != group
            mean = X[rest].mean(axis=0)
            A, b = X[rest] - mean, y[rest, 0] - y[rest, 0].mean()
            w = A.T @ np.linalg.solve(A @ A.T + alpha * np.eye(len(A)), b)
            held_out[own] = y[own, 0] - y[rest, 0].mean() - (X[own] - mean) @ w
        errors.append(np.square(held_out).mean())
    assert found == pytest.approx(min(errors), rel=1e-3)


def test_noise_weighs_little_and_what_helps_much() -> None:
    light = heavy = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        images, columns = rng.normal(size=(120, 200)), rng.normal(size=(120, 5))
        y = images[:, :20].sum(axis=1, keepdims=True) / 4 + rng.normal(0, 0.5, (120, 1))
        scaled = [BlockScale.learn(block).scaled(block) for block in (images, columns)]
        of_images, of_columns = choose_weights(scaled, y)
        light += of_columns < 0.5 * of_images
        of_images, of_columns = choose_weights(scaled, y + 2 * columns[:, :1])
        heavy += of_columns > 0.9 * of_images
    assert light >= 12
    assert heavy >= 18


def test_a_single_block_weighs_all() -> None:
    assert choose_weights([np.eye(3)], np.ones((3, 1))) == (1.0,)
