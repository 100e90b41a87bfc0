"""What a student learns of a teacher's similarities."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from topwork.training.batches import Batch
from topwork.training.distillation import RelationalDistillation, cosines


def _rows(n: int, d: int, seed: int) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


def test_cosines_are_about_the_mean() -> None:
    rows = _rows(5, 3, 0)
    unit = rows / rows.norm(dim=1, keepdim=True)
    centred = (unit - unit.mean(dim=0)).numpy()
    expected = centred @ centred.T
    lengths = np.sqrt(np.diag(expected))
    found = cosines(rows, unit.mean(dim=0)).numpy()
    assert np.allclose(found, expected / np.outer(lengths, lengths), atol=1e-5)


def test_a_student_that_is_its_teacher_has_nothing_to_learn() -> None:
    rows = _rows(6, 4, 0)
    pairs = torch.stack([rows, rows], dim=1)
    objective = RelationalDistillation.of(rows.numpy(), rows.numpy())
    same = objective.loss(nn.Identity(), Batch(pairs, torch.cat([pairs, pairs], dim=2)))
    assert float(same) == pytest.approx(0.0, abs=1e-5)
    teacher = _rows(6, 9, 1)
    other = RelationalDistillation.of(rows.numpy(), teacher.numpy())
    beside = torch.stack([teacher, teacher], dim=1)
    loss = other.loss(nn.Identity(), Batch(pairs, torch.cat([pairs, beside], dim=2)))
    assert float(loss) > 0.5


def test_training_brings_the_similarities_nearer() -> None:
    rows, teacher = _rows(16, 5, 0), _rows(16, 3, 1)
    objective = RelationalDistillation.of(rows.numpy(), teacher.numpy(), anchor=0.0)
    module = nn.Linear(5, 5)
    both = torch.cat([torch.stack([rows] * 2, 1), torch.stack([teacher] * 2, 1)], dim=2)
    batch = Batch(torch.stack([rows] * 2, dim=1), both)
    optimiser, losses = torch.optim.Adam(module.parameters(), 0.05), []
    for _ in range(40):
        loss = objective.loss(module, batch)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.8 * losses[0]
