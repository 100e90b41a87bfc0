"""Few items are distilled for as many steps as it takes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from topwork.training.strategies import refine
from topwork.training.strategies.refine import (
    DISTILLING_STEPS,
    REFINING_LOOP,
    refine_by_teacher,
    vectors_of_views,
)

LOOP = replace(REFINING_LOOP, batch=16, precision="float32")


class Stored:
    """Two views of n items, as a store gives them."""

    def __init__(self, n: int) -> None:
        rng = np.random.default_rng(0)
        plain = rng.standard_normal((n, 12)).astype(np.float32)
        other = plain + 0.1 * rng.standard_normal((n, 12)).astype(np.float32)
        self.views, self.n_views = np.stack([plain, other], axis=1), 2

    def __len__(self) -> int:
        return len(self.views)

    def take(self, rows: np.ndarray, views: np.ndarray) -> np.ndarray:
        return self.views[rows, views]


@pytest.fixture
def tail() -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(12, 12)


def _apart(vectors: np.ndarray, teacher: np.ndarray) -> float:
    def cosines(rows: np.ndarray) -> torch.Tensor:
        unit = functional.normalize(torch.from_numpy(rows))
        unit = functional.normalize(unit - unit.mean(dim=0))
        return unit @ unit.T

    return float((cosines(vectors) - cosines(teacher)).square().mean())


def _distilled(tail: nn.Module, n: int) -> tuple[refine.Refined, float]:
    """And how much of the distance between its cosines and the teacher's is left."""
    stored = Stored(n)
    teacher = np.ascontiguousarray(stored.views[:, 0, :4])
    start = vectors_of_views(tail, stored)
    done = refine_by_teacher(tail, stored, start, teacher, LOOP)
    after = vectors_of_views(done.tail, stored)
    return done, _apart(after[:, 0], teacher) / _apart(start[:, 0], teacher)


def test_few_items_are_passed_over_until_the_steps_suffice(
    tail: nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, left = _distilled(tail, 32)
    assert len(done.trained.position.losses) * 2 == DISTILLING_STEPS
    monkeypatch.setattr(refine, "DISTILLING_STEPS", 1)
    few, left_by_few = _distilled(tail, 32)
    assert len(few.trained.position.losses) == LOOP.epochs
    assert left < 0.8 * left_by_few


def test_many_items_take_the_epochs_of_the_loop(tail: nn.Module) -> None:
    done, _ = _distilled(tail, 16 * 40)
    assert len(done.trained.position.losses) == LOOP.epochs
