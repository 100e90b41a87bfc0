"""Layers trained on episodes: the head that is adapted, and what the layers learn from it."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.heads import normalise_rows

torch = pytest.importorskip("torch")

from topwork.training.strategies import anil  # noqa: E402
from topwork.training.strategies.episodes import DrawnEpisode  # noqa: E402

SIGNAL, NUISANCE = 6, 10
CLASSES, OF_EACH = 40, 12


def _population(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Classes differ along six axes; along ten others items of one class differ far more."""
    rng, codes = np.random.default_rng(seed), np.repeat(np.arange(CLASSES), OF_EACH)
    signal = rng.normal(size=(CLASSES, SIGNAL))[codes] + 0.2 * rng.normal(size=(len(codes), SIGNAL))
    nuisance = 1.5 * rng.normal(size=(len(codes), NUISANCE))
    return np.concatenate([signal, nuisance], axis=1).astype(np.float32), codes


def _episode(rows: np.ndarray, codes: np.ndarray, rng: np.random.Generator) -> DrawnEpisode:
    chosen = rng.choice(CLASSES, 5, replace=False)
    items = np.concatenate([rng.permutation(np.flatnonzero(codes == c))[:6] for c in chosen])
    labelled = np.tile(np.arange(6) == 0, 5)
    return DrawnEpisode(torch.from_numpy(rows[items]), np.repeat(np.arange(5), 6), labelled)


def _accuracy(rows: np.ndarray, codes: np.ndarray) -> float:
    """Of the nearest of five single labelled rows, over fifty episodes."""
    rng, right, rows = np.random.default_rng(9), [], normalise_rows(rows)
    for _ in range(50):
        episode = _episode(rows, codes, rng)
        own, labelled = episode.inputs.numpy(), episode.labelled
        centre = own[labelled].mean(axis=0)
        found = ((own[~labelled] - centre) @ normalise_rows(own[labelled] - centre).T).argmax(
            axis=1
        )
        right.append(found == episode.codes[~labelled])
    return float(np.mean(right))


def test_a_tail_learns_what_tells_new_classes_apart() -> None:
    X, codes = _population(0)
    tail = torch.nn.Linear(SIGNAL + NUISANCE, SIGNAL + NUISANCE, bias=False)
    with torch.no_grad():
        tail.weight.copy_(torch.eye(SIGNAL + NUISANCE))
    before = tail.weight.detach().clone()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(anil, "_RATE", 1e-2)
        own = anil.fit_anil(tail, lambda rng: _episode(X, codes, rng))
    assert torch.equal(tail.weight, before), "the start is not changed"
    new, new_codes = _population(1)
    with torch.no_grad():
        mapped = own(torch.from_numpy(new)).numpy()
    assert _accuracy(mapped, new_codes) > _accuracy(new, new_codes) + 0.15


def test_an_adapted_head_tells_its_items_apart_and_starts_from_nothing() -> None:
    rows = torch.eye(4)[:3] - torch.eye(4)[:3].mean(dim=0)
    codes = torch.tensor([2, 0, 1])
    head = anil.adapted_head(rows, codes)
    assert head.shape == (4, 3)
    assert torch.equal((rows @ head).argmax(dim=1), codes)
    assert not anil.adapted_head(rows, codes, steps=0).any()


def test_the_outer_gradient_is_of_first_order_and_reaches_queries_alone() -> None:
    module = torch.nn.Linear(4, 4, bias=False)
    inputs = torch.randn(6, 4, generator=torch.Generator().manual_seed(0), requires_grad=True)
    targets = torch.tensor([-1, -2, -3, 0, 1, 2])
    anil.AdaptedHeadLoss().loss(module, anil.Batch(inputs, targets)).backward()
    assert not inputs.grad[:3].any()
    assert inputs.grad[3:].any()
