"""Layers behind a cut, trained on a labelled domain and one without labels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from topwork.features import ArrayActivations
from topwork.heads import LinearHead, fit_logistic
from topwork.settings.choices import DOMAIN_WAYS
from topwork.training.domains.target_statistics import pooled_vectors, with_statistics_of
from topwork.training.domains.two_domains import fit_two_domains

Tails = tuple[nn.Module, nn.Module]


def _domain(seed: int, *, other: bool, n: int = 160) -> tuple[ArrayActivations, np.ndarray]:
    """Maps of two classes; the other domain adds to a channel and mixes two of them."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(2, size=n)
    maps = rng.normal(size=(n, 6, 3, 3))
    maps[:, 0] += 1.5 * (2 * codes - 1)[:, None, None]
    if other:
        maps[:, 1] += 0.8 * maps[:, 0]
        maps[:, 2] += 3
    return ArrayActivations(maps[:, None].astype(np.float32)), codes


def _tail() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(6, 8, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )


@pytest.fixture(scope="module")
def start() -> tuple[Tails, LinearHead]:
    (ours, codes), (theirs, _) = _domain(0, other=False), _domain(1, other=True)
    tails = with_statistics_of(_tail(), ours), with_statistics_of(_tail(), theirs)
    return tails, fit_logistic(pooled_vectors(ours, tails[0])[0], codes, 2)


def _fitted(start: tuple[Tails, LinearHead], way: str) -> Tails:
    (ours, codes), (theirs, _) = _domain(0, other=False), _domain(1, other=True)
    return fit_two_domains(*start, ours, codes, theirs, way=way)


def _entropy(tail: nn.Module, head: LinearHead, items: ArrayActivations) -> float:
    p = head.probabilities(pooled_vectors(items, tail)[0])
    return float(-(p * np.log(p + 1e-9)).sum(axis=1).mean())


@pytest.mark.parametrize("way", DOMAIN_WAYS)
def test_domains_share_parameters_and_keep_their_statistics(start, way: str) -> None:
    by_source, by_target = _fitted(start, way)
    for name, parameter in by_source.named_parameters():
        assert parameter is by_target.get_parameter(name)
    for before, after in zip(start[0], (by_source, by_target), strict=True):
        torch.testing.assert_close(after[1].running_mean, before[1].running_mean)
    assert not torch.equal(by_source[1].running_mean, by_target[1].running_mean)
    unchanged = torch.equal(by_target[0].weight, start[0][1][0].weight)
    assert unchanged == (way == "tent")
    assert not torch.equal(by_target[1].weight, start[0][1][1].weight)
    again = _fitted(start, way)[1]
    assert all(map(torch.equal, by_target.parameters(), again.parameters()))


@pytest.mark.parametrize("way", ["tent", "information"])
def test_answers_become_certain(start, way: str) -> None:
    theirs, _ = _domain(1, other=True)
    before = _entropy(start[0][1], start[1], theirs)
    assert _entropy(_fitted(start, way)[1], start[1], theirs) < 0.97 * before


@pytest.mark.parametrize("way", ["dann", "cdan"])
def test_domains_become_harder_to_tell(start, way: str) -> None:
    (ours, codes), (theirs, truth) = _domain(2, other=False), _domain(3, other=True)

    def told(tails: Tails) -> float:
        (a,), (b,) = pooled_vectors(ours, tails[0]), pooled_vectors(theirs, tails[1])
        sides = np.repeat([0, 1], [len(a), len(b)])
        head = fit_logistic(np.concatenate([a, b]), sides, 2)
        return float((head.logits(np.concatenate([a, b])).argmax(axis=1) == sides).mean())

    tails = _fitted(start, way)
    assert told(tails) < told(start[0])
    head = fit_logistic(pooled_vectors(ours, tails[0])[0], codes, 2)
    right = head.logits(pooled_vectors(theirs, tails[1])[0]).argmax(axis=1) == truth
    assert right.mean() > 0.9
