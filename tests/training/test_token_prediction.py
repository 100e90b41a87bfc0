"""Tokens that are predicted: which are chosen, what is lost, and what adapters become."""

from __future__ import annotations

import copy
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from tests.language import predicting_folder, raves
from topwork.backbones import Backbone, TokenInput, resolve
from topwork.backbones.token_heads import TokenHead, token_head
from topwork.data import Tokenizing
from topwork.training.batches import Batch
from topwork.training.strategies.lora import LoraSettings, with_adapters
from topwork.training.strategies.refine_texts import vectors_of_texts
from topwork.training.strategies.refine_tokens import (
    TOKEN_LOOP,
    RefinedByTokens,
    held_out_loss,
    refine_by_tokens,
)
from topwork.training.token_prediction import (
    IGNORED,
    MaskedTokens,
    NextTokens,
    SpecialTokens,
    TokenPredictor,
)
from topwork.training.tokens import filled

SPECIAL = SpecialTokens(4, (0, 2, 3, 4))
QUICK = replace(TOKEN_LOOP, epochs=5, learning_rate=5e-3)
ARCHITECTURES = ("bert", "gpt2")


class Whole:
    """A tiny language model, its head, and texts of which it knows little."""

    def __init__(self, architecture: str, folder: Path) -> None:
        self.name = f"transformers:tiny@{predicting_folder(folder, architecture)}"
        self.backbone: Backbone = resolve(self.name)
        self.network = self.backbone.load()
        spec = self.backbone.input
        assert isinstance(spec, TokenInput)
        preparation = Tokenizing(spec.digest, spec.max_length, spec.tokenizer)
        self.tokens = [preparation.tokens(text) for text in raves(320)]
        head = token_head(self.name, self.network)
        assert head is not None
        self.head: TokenHead = head
        self.objective = (
            NextTokens()
            if head.predicts == "next"
            else MaskedTokens(SpecialTokens.of(spec.tokenizer), spec.vocabulary)
        )

    def refined(self, seed: int = 0) -> RefinedByTokens:
        return refine_by_tokens(
            self.network.pooling,
            self.tokens,
            vectors_of_texts(self.network.pooling, self.tokens),
            replace(QUICK, seed=seed),
            head=self.head.module,
            objective=self.objective,
        )


@pytest.fixture(scope="module", params=ARCHITECTURES)
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    return Whole(request.param, tmp_path_factory.mktemp("lm") / request.param)


@pytest.fixture(scope="module")
def refined(whole: Whole) -> RefinedByTokens:
    return whole.refined()


def test_the_loss_on_held_out_texts_falls(refined: RefinedByTokens) -> None:
    before, after = refined.held_out
    assert after < before - 0.03
    assert len(refined.trained.position.losses) == QUICK.epochs


def test_only_matrices_of_queries_and_values_change(whole: Whole, refined: RefinedByTokens) -> None:
    fresh = resolve(whole.name).load().pooling.state_dict()
    own, tail = whole.network.pooling.state_dict(), refined.tail.state_dict()
    assert all(torch.equal(own[name], tensor) for name, tensor in fresh.items()), "untouched"
    changed = {name for name, tensor in tail.items() if not torch.equal(tensor, own[name])}
    assert changed
    assert all(".query." in n or ".value." in n or ".c_attn." in n for n in changed)
    assert set(tail) == set(own), "nothing of the adapters is left"


def test_one_seed_gives_one_result(whole: Whole, refined: RefinedByTokens) -> None:
    again, other = whole.refined(), whole.refined(seed=1)
    assert again.held_out == pytest.approx(refined.held_out, rel=1e-5), "threads differ"
    torch.testing.assert_close(again.tail.state_dict(), refined.tail.state_dict())
    assert other.trained.position.losses != refined.trained.position.losses


def test_merged_adapters_give_what_adapters_gave(whole: Whole) -> None:
    plain = TokenPredictor(whole.network.module, whole.head.module, 0)
    adapted = with_adapters(plain, LoraSettings())
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_B" in name:
                parameter.normal_(std=0.5, generator=torch.Generator().manual_seed(0))
    some = filled(whole.tokens[:8])
    wanted = some >= 0
    with torch.inference_mode():
        start, before = plain(some, wanted), adapted.eval()(some, wanted)
        after = adapted.merge_and_unload()(some, wanted)
    assert float((before - start).abs().max()) > 0.1, "the adapters do something"
    torch.testing.assert_close(after, before, rtol=1e-4, atol=1e-4)


def test_the_head_says_what_the_whole_model_says(whole: Whole) -> None:
    import transformers

    kind = (
        transformers.BertForMaskedLM
        if whole.head.predicts == "masked"
        else (transformers.GPT2LMHeadModel)
    )
    model = kind.from_pretrained(whole.name.partition("@")[2]).eval()
    plain = TokenPredictor(whole.network.module, whole.head.module, 0).eval()
    some = filled(whole.tokens[:4])
    there = some >= 0
    with torch.inference_mode():
        ids = torch.where(there, some, 0).long()
        expected = model(input_ids=ids, attention_mask=there.long()).logits[there]
        torch.testing.assert_close(plain(some, there), expected, rtol=1e-4, atol=1e-4)


def test_tokens_are_hidden_as_in_bert() -> None:
    tokens = np.full((400, 42), 7, np.int32)
    tokens[:, 0], tokens[:, -1] = 2, 3
    batch = Batch(torch.from_numpy(tokens), torch.zeros(400))
    found = MaskedTokens(SPECIAL, 1000).prepare(batch, np.random.default_rng(0))
    wanted = (found.targets != IGNORED).numpy()
    assert (wanted.sum(axis=1) == 6).all(), "15 % of 40"
    assert not wanted[:, [0, -1]].any(), "never special ones"
    assert (found.targets.numpy()[wanted] == 7).all()
    shown = found.inputs.numpy()[wanted]
    shares = [(shown == 4).mean(), (shown == 7).mean(), ((shown != 4) & (shown != 7)).mean()]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.03)
    assert (found.inputs.numpy()[~wanted] == tokens[~wanted]).all()
    assert (batch.inputs == torch.from_numpy(tokens)).all(), "the batch itself is left alone"


class _Known(nn.Module):
    """In place of a language model: sure that the next token is one more."""

    def forward(self, tokens: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        return 50.0 * nn.functional.one_hot(tokens[wanted].long() + 1, 20).float()


def test_the_next_token_is_told_from_the_one_before() -> None:
    tokens = filled([np.arange(3, 9, dtype=np.int32), np.arange(2, 5, dtype=np.int32)])
    batch = NextTokens().prepare(Batch(tokens, torch.zeros(2)), np.random.default_rng(0))
    assert (batch.targets != IGNORED).sum(dim=1).tolist() == [5, 2], "all but the first"
    assert float(NextTokens().loss(_Known(), batch)) == pytest.approx(0, abs=1e-6)


def test_parts_of_a_batch_average_to_the_whole(whole: Whole) -> None:
    plain = TokenPredictor(whole.network.module, whole.head.module, 0).eval()
    some = filled([whole.tokens[i] for i in (0, 1, 2, 3)])
    one = Batch(some, torch.zeros(4))
    batch = whole.objective.prepare(one, np.random.default_rng(0))
    with torch.inference_mode():
        all_at_once = float(whole.objective.loss(plain, batch))
        parts = [float(whole.objective.loss(plain, part)) for part in batch.parts(1)]
    assert np.mean(parts) == pytest.approx(all_at_once, rel=1e-4)


def test_texts_without_tokens_are_no_error(whole: Whole) -> None:
    plain = TokenPredictor(copy.deepcopy(whole.network.module), whole.head.module, 0)
    empty = [np.array([2, 3], np.int32), np.array([-1], np.int32)]
    assert held_out_loss(plain, MaskedTokens(SPECIAL, 80), empty) == 0.0


def test_weights_without_a_head_have_none(whole: Whole, tmp_path: Path) -> None:
    """Those of GPT-2 need no tensors of their own; those of BERT do."""
    import transformers

    place = Path(whole.name.partition("@")[2])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        transformers.AutoModel.from_pretrained(place).save_pretrained(tmp_path)
    (tmp_path / "tokenizer.json").write_bytes((place / "tokenizer.json").read_bytes())
    name = f"transformers:tiny@{tmp_path}"
    found = token_head(name, resolve(name).load())
    assert (found is None) == (whole.head.predicts == "masked")
    assert token_head("pixels", whole.network) is None
