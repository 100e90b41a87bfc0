"""Strategy partial: it starts at the probe and ends no further away than it should."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from tests.training.conftest import pooled, small_data
from topwork.heads import LinearHead, fit_logistic
from topwork.training.head import BackboneWithHead
from topwork.training.settings import LoopSettings
from topwork.training.strategies.partial import fit_partial, logits_of
from topwork.training.strategies.partial_settings import PartialSettings

LOOP = LoopSettings(epochs=3, batch=16, learning_rate=1e-3, precision="float32")
SETTINGS = PartialSettings(loop=LOOP, refit=False)
ROWS, HELD_OUT = np.arange(0, 50), np.arange(0, 50, 4)


def test_before_the_first_step_it_is_the_probe(tail, data, probe) -> None:
    activations, _ = data
    rows = np.arange(len(activations))
    expected = probe(rows).logits(pooled(tail, activations))
    np.testing.assert_allclose(logits_of(tail, probe(rows), activations, rows), expected, atol=1e-5)
    unmoved = dataclasses.replace(SETTINGS, loop=dataclasses.replace(LOOP, learning_rate=0.0))
    fit = fit_partial(tail, probe, *data, unmoved, rows=rows)
    np.testing.assert_allclose(
        logits_of(fit.tail, fit.head, activations, rows), expected, atol=1e-5
    )


def test_the_head_survives_torch(probe) -> None:
    head = probe(ROWS)
    back = BackboneWithHead(torch.nn.Identity(), head).head.linear()
    np.testing.assert_array_equal(back.weight, head.weight)
    np.testing.assert_array_equal(back.bias, head.bias)
    assert back.normalise


def test_learns_what_the_probe_can_t(tail, data, probe) -> None:
    activations, codes = data
    loop = dataclasses.replace(LOOP, epochs=60, learning_rate=1e-2)
    fit = fit_partial(tail, probe, *data, PartialSettings(loop=loop, coefficient=1.0), rows=ROWS)

    def right(tail, head) -> float:
        found = logits_of(tail, head, activations, ROWS).argmax(axis=1)
        return float((found == codes[ROWS]).mean())

    assert right(fit.tail, fit.head) > right(tail, probe(ROWS)) + 0.1
    assert fit.epochs == 60
    assert fit.coefficient == 1.0
    assert len(fit.held_out) == 0 == len(fit.logits)


def test_the_given_tail_is_left_alone(tail, data, probe) -> None:
    before = {k: v.clone() for k, v in tail.state_dict().items()}
    fit_partial(tail, probe, *data, SETTINGS, rows=ROWS)
    for name, value in tail.state_dict().items():
        assert torch.equal(value, before[name])


@pytest.mark.parametrize("refit", [False, True])
def test_the_choice_is_made_on_items_not_seen(tail, data, probe, refit: bool) -> None:
    activations, _ = data
    asked: list[set[int]] = []

    def watched(rows):
        asked.append(set(rows.tolist()))
        return probe(rows)

    settings = dataclasses.replace(SETTINGS, refit=refit)
    fit = fit_partial(tail, watched, *data, settings, rows=ROWS, held_out=HELD_OUT)
    assert not asked[0] & set(HELD_OUT.tolist())
    assert len(asked) == 1 + refit
    assert fit.coefficient in settings.coefficients
    assert fit.logits.shape == (len(HELD_OUT), 3)
    if not refit:
        again = logits_of(fit.tail, fit.head, activations, HELD_OUT)
        np.testing.assert_allclose(again, fit.logits, atol=1e-4)


def test_held_out_items_teach_nothing(tail, data, probe) -> None:
    activations, codes = data
    rng = np.random.default_rng(0)
    scrambled = codes.copy()
    scrambled[HELD_OUT] = rng.permutation(codes[HELD_OUT])
    one = dataclasses.replace(SETTINGS, coefficients=(1.0,))
    first = fit_partial(tail, probe, activations, codes, one, rows=ROWS, held_out=HELD_OUT)
    second = fit_partial(tail, probe, activations, scrambled, one, rows=ROWS, held_out=HELD_OUT)
    np.testing.assert_allclose(first.logits, second.logits, atol=1e-5)


def test_a_harmful_run_goes_back_to_the_probe(tail) -> None:
    activations, _ = small_data()
    features = pooled(tail, activations)
    lengths = np.linalg.norm(features, axis=1)
    first = features[:, features.std(axis=0).argmax()] / lengths
    codes = np.digitize(first, np.quantile(first, (1 / 3, 2 / 3)))  # what the probe sees best

    def probe(rows: np.ndarray) -> LinearHead:
        return fit_logistic(features[rows], codes[rows], 3, C=1e4)

    wild = dataclasses.replace(LOOP, learning_rate=3.0, clip=1e6, average=0.0)
    settings = dataclasses.replace(SETTINGS, loop=wild, coefficients=(0.0, 0.5, 1.0))
    fit = fit_partial(tail, probe, activations, codes, settings, rows=ROWS, held_out=HELD_OUT)
    assert fit.coefficient == 0.0


class Cut(Exception):
    """Stands for a crash."""


@pytest.mark.parametrize("at", [5, 16])
def test_a_fit_that_was_cut_off_goes_on(tail, data, probe, tmp_path, at: int) -> None:
    settings = dataclasses.replace(SETTINGS, refit=True)
    calls: list[int] = []

    def stumble(done: int, total: int) -> None:
        calls.append(done)
        if len(calls) == at:
            raise Cut

    def fit(**more):
        return fit_partial(tail, probe, *data, settings, rows=ROWS, held_out=HELD_OUT, **more)

    whole = fit()
    with pytest.raises(Cut):
        fit(folder=tmp_path, progress=stumble)
    assert list(tmp_path.glob("*.safetensors"))
    steps: list[int] = []
    again = fit(folder=tmp_path, progress=lambda done, total: steps.append(done))
    assert 0 < len(steps) < 9 + 12  # the steps of both runs: some were done already
    assert again.coefficient == whole.coefficient
    np.testing.assert_allclose(again.head.weight, whole.head.weight, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(again.logits, whole.logits, rtol=1e-4, atol=1e-4)
    assert not list(tmp_path.iterdir())
