"""The terms of VICReg against their definitions, and pairs of views."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from topwork.features import ArrayActivations
from topwork.training.batches import Batch
from topwork.training.view_agreement import (
    StartAxes,
    ViewAgreement,
    collapse,
    invariance,
    redundancy,
)
from topwork.training.view_pairs import ViewPairBatches


def _rows(n: int = 40, d: int = 6) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(0))


def test_redundancy_is_the_off_diagonal_covariance() -> None:
    rows = _rows()
    covariance = np.cov(rows.numpy(), rowvar=False)
    off = covariance - np.diag(np.diag(covariance))
    assert float(redundancy(rows)) == pytest.approx(float((off**2).sum() / 6), rel=1e-4)


def test_collapse_counts_only_what_is_too_narrow() -> None:
    rows = _rows() * torch.tensor([0.1, 5, 5, 5, 5, 5])
    wide = np.sqrt(rows.numpy().var(axis=0, ddof=1) + 1e-4)
    assert float(collapse(rows)) == pytest.approx(np.maximum(0, 1 - wide).mean(), rel=1e-4)


def test_start_axes_are_white() -> None:
    rows = (_rows(200) @ _rows(6)).numpy()
    seen = StartAxes.of(rows, 4)(torch.from_numpy(rows)).numpy()
    assert np.allclose(np.cov(seen, rowvar=False), np.eye(4), atol=1e-3)


def test_loss_at_the_start_has_no_drift() -> None:
    rows = _rows(40, 6)
    pairs = torch.stack([rows, rows + 0.1], dim=1)
    axes = StartAxes.of(rows.numpy(), 4)
    batch = Batch(pairs, pairs)
    alone = ViewAgreement(axes, anchor=0.0).loss(nn.Identity(), batch)
    anchored = ViewAgreement(axes, anchor=9.0).loss(nn.Identity(), batch)
    assert float(anchored) == pytest.approx(float(alone), abs=1e-5)
    seen = axes(rows), axes(rows + 0.1)
    terms = invariance(*seen) + sum(collapse(s) / 2 + 0.02 * redundancy(s) for s in seen)
    assert float(alone) == pytest.approx(float(terms), rel=1e-4)


def test_pairs_are_two_views_of_one_item_and_their_targets() -> None:
    values = np.arange(5 * 3, dtype=np.float32).reshape(5, 3, 1)
    targets = values * 10
    batches = ViewPairBatches(ArrayActivations(values), targets)
    found = list(batches.epoch(np.random.default_rng(0), 2))
    inputs = torch.cat([batch.inputs for batch in found])
    assert inputs.shape == (5, 2, 1)
    assert torch.equal(torch.cat([batch.targets for batch in found]), inputs * 10)
    assert sorted((inputs[:, 0, 0] // 3).tolist()) == [0, 1, 2, 3, 4]
    assert torch.equal(inputs[:, 0] // 3, inputs[:, 1] // 3), "both of one item"
    assert not (inputs[:, 0] == inputs[:, 1]).any(), "of different views"


def test_noise_is_that_of_the_seed() -> None:
    values = np.random.default_rng(0).normal(size=(8, 2, 3, 2, 2)).astype(np.float32)
    batches = ViewPairBatches(ArrayActivations(values), np.zeros((8, 2, 1)), noise=0.5)

    def drawn() -> torch.Tensor:
        return next(iter(batches.epoch(np.random.default_rng(1), 8))).inputs

    plain = ViewPairBatches(ArrayActivations(values), np.zeros((8, 2, 1)))
    without = next(iter(plain.epoch(np.random.default_rng(1), 8))).inputs
    assert torch.equal(drawn(), drawn())
    assert 0.3 < float((drawn() - without).std() / without.std()) < 0.7
