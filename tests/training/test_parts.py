"""The loop's parts: schedule, groups, average, objectives, batches, precision."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from tests.training.conftest import SHAPE, SmallTail
from topwork.features import ArrayActivations, bfloat16_bits
from topwork.training.average import MovingAverage, interpolate, swapped
from topwork.training.batches import ActivationBatches, Batch, as_tensor, drawn_batches
from topwork.training.groups import parameter_groups
from topwork.training.objectives import CrossEntropy, Towards, class_weights, mixed
from topwork.training.schedule import warm_up_cosine


def test_average_is_the_weighted_sum_of_what_it_saw() -> None:
    parameters = {"w": nn.Parameter(torch.zeros(1))}
    average = MovingAverage(parameters, 0.9)
    expected = 0.0
    for step in range(1, 200):
        parameters["w"].data.fill_(float(step))
        average.update(parameters)
        keep = min(0.9, (1 + step) / (10 + step))
        expected = keep * expected + (1 - keep) * step
        assert float(average.values["w"]) == pytest.approx(expected, rel=1e-5)
    # far from the start it lags by decay / (1 - decay) steps behind a steady climb
    assert float(average.values["w"]) == pytest.approx(199 - 9, abs=0.1)


def test_no_average_is_the_last_weight() -> None:
    parameters = {"w": nn.Parameter(torch.zeros(1))}
    average = MovingAverage(parameters, 0.0)
    parameters["w"].data.fill_(3.0)
    average.update(parameters)
    assert float(average.values["w"]) == 3.0


def test_swapped_puts_everything_back() -> None:
    parameters = {"w": nn.Parameter(torch.ones(2))}

    def fail() -> None:
        with swapped(parameters, {"w": torch.zeros(2)}):
            assert parameters["w"].sum() == 0
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert parameters["w"].sum() == 2


def test_interpolation_ends_at_both_ends() -> None:
    start, end = {"w": torch.randn(5)}, {"w": torch.randn(5)}
    assert torch.equal(interpolate(start, end, 0.0)["w"], start["w"])
    torch.testing.assert_close(interpolate(start, end, 1.0)["w"], end["w"])


def test_rate_rises_and_falls() -> None:
    rates = [warm_up_cosine(i, 100, 0.1) for i in range(100)]
    assert max(rates) == rates[10] == 1.0
    assert all(a < b for a, b in itertools.pairwise(rates[:10]))
    assert all(a >= b for a, b in itertools.pairwise(rates[10:]))
    assert rates[-1] < 0.001
    assert warm_up_cosine(0, 1, 0.0) == 1.0


def test_groups_cover_every_parameter_once() -> None:
    tail = SmallTail()
    parameters = dict(tail.named_parameters())
    groups = parameter_groups(
        parameters, learning_rate=1.0, head_rate=10.0, weight_decay=0.1, layer_decay=0.5
    )
    members = [id(p) for group in groups for p in group["params"]]
    assert sorted(members) == sorted(id(p) for p in parameters.values())
    rate = {id(p): g["peak"] for g in groups for p in g["params"]}
    assert rate[id(tail.blocks[0].weight)] == 0.25
    assert rate[id(tail.blocks[1].weight)] == 0.5
    assert rate[id(tail.norm.weight)] == 1.0
    decay = {id(p): g["weight_decay"] for g in groups for p in g["params"]}
    assert decay[id(tail.norm.weight)] == decay[id(tail.blocks[0].bias)] == 0.0
    assert decay[id(tail.blocks[0].weight)] == 0.1


def _batch(n: int = 12, k: int = 3) -> Batch:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(n, k, generator=generator)
    return Batch(logits, torch.randint(k, (n,), generator=generator))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_is_torch_s(smoothing: float) -> None:
    batch = _batch()
    expected = functional.cross_entropy(batch.inputs, batch.targets, label_smoothing=smoothing)
    found = CrossEntropy(smoothing).loss(nn.Identity(), batch)
    torch.testing.assert_close(found, expected)


def test_parts_of_a_batch_average_to_the_whole() -> None:
    batch = _batch()
    objective = CrossEntropy(0.1, 0.4, class_weights(batch.targets.numpy(), 3))
    batch = objective.prepare(batch, np.random.default_rng(0))
    whole = objective.loss(nn.Identity(), batch)
    parts = [(len(p), objective.loss(nn.Identity(), p)) for p in batch.parts(5)]
    torch.testing.assert_close(sum(n / 12 * loss for n, loss in parts), whole)


def test_mixup_mixes_inputs_and_targets_alike() -> None:
    n, k = 50, 4
    codes = torch.arange(n) % k
    batch = Batch(functional.one_hot(codes).to(torch.bfloat16), codes)
    found = mixed(batch, np.random.default_rng(0), 0.5)
    torch.testing.assert_close(found.inputs, found.targets)
    torch.testing.assert_close(found.targets.sum(dim=1), torch.ones(n))
    assert ((found.targets > 0.01) & (found.targets < 0.99)).any()


def test_towards_pulls_by_half_the_squared_distance() -> None:
    layer = nn.Linear(3, 3)
    towards = Towards.start_of(layer, CrossEntropy(), 0.5)
    batch = _batch()
    near = towards.loss(layer, batch)
    torch.testing.assert_close(near, CrossEntropy().loss(layer, batch))
    with torch.no_grad():
        layer.bias += 2.0  # doesn't change a softmax
    torch.testing.assert_close(towards.loss(layer, batch) - near, torch.tensor(0.5 / 2 * 12))


def test_drawn_batches_hold_everything_once() -> None:
    parts = drawn_batches(130, np.random.default_rng(0), 64)
    assert sorted(np.concatenate(parts)) == list(range(130))
    assert [len(p) for p in parts] == [44, 43, 43]


def test_every_epoch_draws_views_anew() -> None:
    values = np.zeros((40, 4, *SHAPE), np.float16)
    values += np.arange(4)[None, :, None, None, None]
    batches = ActivationBatches(ArrayActivations(values), np.arange(40), np.zeros(40, int))
    (first,) = batches.epoch(np.random.default_rng(0), 64)
    (second,) = batches.epoch(np.random.default_rng(1), 64)
    assert set(first.inputs[:, 0, 0, 0].tolist()) == {0.0, 1.0, 2.0, 3.0}
    assert not torch.equal(first.inputs, second.inputs)
    (same,) = batches.epoch(np.random.default_rng(0), 64)
    assert torch.equal(first.inputs, same.inputs)
    plain = ActivationBatches(ArrayActivations(values), np.arange(40), np.zeros(40, int), views=1)
    (only,) = plain.epoch(np.random.default_rng(0), 64)
    assert only.inputs.abs().sum() == 0


def test_stored_bits_become_their_values() -> None:
    values = np.random.default_rng(0).normal(size=(5, *SHAPE)).astype(np.float32)
    tensor = as_tensor(bfloat16_bits(values))
    expected = torch.from_numpy(values).bfloat16().float()
    assert torch.equal(tensor, expected)
    assert tensor.is_contiguous(memory_format=torch.channels_last)
