"""Training on tokens: batches, pairs, and low-rank changes to language models of random weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from tests.language import language_model
from topwork.backbones import TokenInput
from topwork.backbones.engines.engine import probe_tokens
from topwork.backbones.sources.language import Sentence, network
from topwork.errors import BackboneError
from topwork.heads import LinearHead, fit_logistic
from topwork.training.batches import Batch
from topwork.training.freezing import looked_up, trainable
from topwork.training.objectives import CrossEntropy
from topwork.training.settings import LoopSettings
from topwork.training.strategies.full import fit_full
from topwork.training.strategies.late_blocks import LateBlocks, early_states, not_late
from topwork.training.strategies.lora import LoraSettings, fit_lora, with_adapters
from topwork.training.strategies.pairs import ClassBatches, Pairs, fit_pairs
from topwork.training.tokens import TokenBatches, alike

LOOP = LoopSettings(epochs=2, batch=8, learning_rate=3e-3, precision="float32")
ARCHITECTURES = ("bert", "gpt2")
WIDTH = 128


def texts(n: int = 40, seed: int = 0) -> tuple[list[np.ndarray], np.ndarray]:
    """Token numbers of n texts, filled up to 8, 16 or 24, and classes that their words tell."""
    rng = np.random.default_rng(seed)
    codes = np.arange(n) % 2
    made = []
    for code in codes:
        length = rng.integers(3, 25)
        numbers = np.full(-(-length // 8) * 8, -1, np.int32)
        numbers[:length] = rng.integers(4, 40, length) + 36 * code
        made.append(numbers)
    return made, codes


def pooled(architecture: str) -> nn.Module:
    model = language_model(architecture, WIDTH)
    return network(model, TokenInput("", 32, 80), Sentence(), recipe={}).pooling


def head(seed: int = 0) -> LinearHead:
    weight = np.random.default_rng(seed).normal(size=(WIDTH, 2)).astype(np.float32)
    return LinearHead(weight, np.zeros(2, np.float32))


@pytest.mark.parametrize("make", [TokenBatches, ClassBatches])
def test_every_text_comes_once_an_epoch_with_its_class(make) -> None:
    tokens, codes = texts(41)
    rows = np.setdiff1d(np.arange(41), [3, 7])
    batches = make(tokens, rows, codes)
    seen = list(batches.epoch(np.random.default_rng(0), 8))
    again = list(batches.epoch(np.random.default_rng(0), 8))
    assert len(batches) == 39
    assert [len(b) for b in seen] == [len(b) for b in again]
    assert len(seen) == 5
    assert max(len(b) for b in seen) <= 8
    found = sorted(
        (tuple(row[row >= 0].tolist()), int(code))
        for batch in seen
        for row, code in zip(batch.inputs.numpy(), batch.targets, strict=True)
    )
    wanted = ((tokens[row], codes[row]) for row in rows)
    assert found == sorted((tuple(t[t >= 0].tolist()), int(c)) for t, c in wanted)
    assert all(torch.equal(a.inputs, b.inputs) for a, b in zip(seen, again, strict=True))


def test_texts_of_like_length_come_together_and_others_the_next_time() -> None:
    lengths = np.repeat([8, 16, 24], 64)
    rng = np.random.default_rng(0)
    first, second = alike(lengths, rng, 16), alike(lengths, rng, 16)
    assert all(len(set(lengths[batch].tolist())) == 1 for batch in first)
    sets = {frozenset(batch.tolist()) for batch in first}
    assert not sets & {frozenset(batch.tolist()) for batch in second}
    order = [int(lengths[batch[0]]) for batch in first]
    assert order != sorted(order)


def test_batches_of_classes_hold_several_texts_of_each() -> None:
    tokens, _ = texts(60)
    codes = np.arange(60) % 12
    for batch in ClassBatches(tokens, np.arange(60), codes).epoch(np.random.default_rng(0), 10):
        counts = np.bincount(batch.targets.numpy())
        assert counts[counts > 1].sum() >= 0.6 * len(batch)


def test_pairs_are_counted_as_they_should_be() -> None:
    vectors = torch.tensor([[2.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    codes = torch.tensor([0, 0, 1])
    half = 0.5**0.5
    same, other = (1 - 0.0) ** 2, half**2
    loss = Pairs().loss(nn.Identity(), Batch(vectors, codes))
    assert float(loss) == pytest.approx((same + other) / 2)
    alone = Pairs().loss(nn.Identity(), Batch(vectors[:1].requires_grad_(), codes[:1]))
    alone.backward()
    assert float(alone.detach()) == 0.0


def test_pairs_bring_classes_together() -> None:
    tokens, codes = texts(48)
    rows = np.arange(48)
    batches = ClassBatches(tokens, rows, codes)
    whole = next(iter(batches.epoch(np.random.default_rng(0), 48)))
    module = pooled("bert")

    def head_on(moved: nn.Module) -> LinearHead:
        with torch.inference_mode():
            return fit_logistic(moved(whole.inputs).numpy(), whole.targets.numpy(), 2)

    fit = fit_pairs(module, head_on, batches, held=looked_up(module), settings=LOOP)
    with torch.inference_mode():
        before, after = (float(Pairs().loss(m, whole)) for m in (module, fit.pooled))
        logits = fit.head.logits(fit.pooled(whole.inputs).numpy())
    assert after < 0.5 * before
    assert (logits.argmax(axis=1) == whole.targets.numpy()).mean() > 0.9


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_what_is_held_stays_and_the_rest_is_trained(architecture: str) -> None:
    tokens, codes = texts(16)
    module = pooled(architecture)
    old = {name: p.detach().clone() for name, p in module.named_parameters()}
    held = not_late(module, 0.5)
    batches = TokenBatches(tokens, np.arange(16), codes)
    fit = fit_full(module, head(), batches, CrossEntropy(), held=held, settings=LOOP)
    new = dict(fit.pooled.named_parameters())
    changed = {name for name in old if not torch.equal(old[name], new[name])}
    blocks = {"bert": "model.encoder.layer.1.", "gpt2": "model.h.1."}[architecture]
    assert changed == {name for name in old if name.startswith(blocks)}
    assert all(torch.equal(old[name], p) for name, p in module.named_parameters())


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_lora_trains_little_of_a_language_model(architecture: str) -> None:
    tokens, codes = texts(16)
    module = pooled(architecture)
    batches = TokenBatches(tokens, np.arange(16), codes)
    fit = fit_lora(module, head(), batches, CrossEntropy(), settings=LOOP)
    assert 0.005 < fit.share <= 0.02
    assert fit.pooled.state_dict().keys() == module.state_dict().keys()
    own = ("query", "value") if architecture == "bert" else ("c_attn",)
    for name, tensor in fit.pooled.state_dict().items():
        adapted = name.endswith(".weight") and name.split(".")[-2] in own
        assert torch.equal(tensor, module.state_dict()[name]) != adapted, name


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_language_model_merged_equals_unmerged(architecture: str) -> None:
    adapted = with_adapters(pooled(architecture), LoraSettings())
    with torch.no_grad():
        for name, parameter in trainable(adapted).items():
            if "lora_B" in name:
                parameter.normal_(std=0.05)
    tokens = torch.from_numpy(probe_tokens(TokenInput("", 32, 80), 6, 24))
    with torch.inference_mode():
        unmerged = adapted.eval()(tokens)
        plain = pooled(architecture)(tokens)
        merged = adapted.merge_and_unload()(tokens)
    assert (unmerged - plain).abs().max() > 1e-3
    torch.testing.assert_close(merged, unmerged, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_late_blocks_answer_to_states_as_the_whole_does_to_tokens(architecture: str) -> None:
    tokens = torch.from_numpy(probe_tokens(TokenInput("", 32, 80), 6, 24))
    module = pooled(architecture)
    with torch.inference_mode():
        whole = module(tokens)
        states = early_states(module, 1, tokens)
        late = LateBlocks(pooled(architecture), 1)
        found = late(torch.cat([tokens[..., None], states], dim=2))
    assert states.shape == (6, 24, WIDTH)
    torch.testing.assert_close(found, whole, rtol=1e-4, atol=1e-5)
    kept = {name for name, _ in late.network.named_parameters()}
    assert kept < {name for name, _ in module.named_parameters()}
    assert len(set(not_late(late, 0.5))) < len(kept)


def test_without_blocks_nothing_can_be_left_out() -> None:
    with pytest.raises(BackboneError, match="has no blocks"):
        not_late(nn.Linear(2, 2), 0.5)
