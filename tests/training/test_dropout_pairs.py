"""A text is told from the others of its batch, and stays near the start."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from topwork.training.batches import Batch
from topwork.training.dropout_pairs import AnchoredTexts, DropoutPairs, contrast


def _rows(n: int, d: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


def test_contrast_is_the_mean_surprise_at_the_own_pair() -> None:
    one, other = _rows(5, 3).numpy(), _rows(5, 3, 1).numpy()
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (one, other)]
    odds = np.exp(unit[0] @ unit[1].T / 0.2)
    expected = -np.log(np.diag(odds) / odds.sum(axis=1)).mean()
    found = contrast(torch.from_numpy(one), torch.from_numpy(other), 0.2)
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_the_anchor_holds_vectors_where_they_were() -> None:
    rows = _rows(6, 4)
    at_start, away = Batch(rows, 3 * rows), Batch(rows, -rows)
    alone = DropoutPairs(anchor=0.0).loss(nn.Identity(), at_start)
    anchored = DropoutPairs(anchor=5.0)
    assert float(anchored.loss(nn.Identity(), at_start)) == pytest.approx(float(alone), abs=1e-5)
    assert float(anchored.loss(nn.Identity(), away)) == pytest.approx(float(alone) + 10, rel=1e-5)


def test_dropout_makes_the_pairs() -> None:
    batch = Batch(torch.ones(8, 40), torch.ones(8, 40))
    same = DropoutPairs(anchor=0.0).loss(nn.Dropout(0.5).eval(), batch)
    torch.manual_seed(0)
    dropped = DropoutPairs(anchor=0.0).loss(nn.Dropout(0.5).train(), batch)
    assert float(same) == pytest.approx(np.log(8), rel=1e-5)
    assert abs(float(dropped) - float(same)) > 0.01


def test_each_text_comes_once_an_epoch_with_its_own_vector() -> None:
    tokens = [np.full(1 + i % 4, i, np.int32) for i in range(10)]
    batches = AnchoredTexts(tokens, np.arange(10.0)[:, None].astype(np.float16))
    assert len(batches) == 10
    seen = []
    for batch in batches.epoch(np.random.default_rng(0), 4):
        assert batch.targets.dtype == torch.float32
        assert batch.inputs[:, 0].tolist() == batch.targets[:, 0].tolist()
        seen += batch.inputs[:, 0].tolist()
    assert sorted(seen) == list(range(10))
