"""Small text models of random weights, made by the tests themselves, and texts to learn from."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedModel

GOOD = ("fine", "lovely", "bright", "warm", "clever", "moving", "fresh", "rich")
BAD = ("dull", "bleak", "clumsy", "cold", "lazy", "loud", "stale", "thin")
OTHER = tuple(f"word{i}" for i in range(60))
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")


def tokenizer(special: bool) -> str:
    """One token a word; with a first and a last one around the text where they are special."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    words = {word: i for i, word in enumerate((*SPECIAL, *GOOD, *BAD, *OTHER))}
    made = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    if special:
        made.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
    return str(made.to_str())


def language_model(architecture: str = "bert", width: int = 32) -> PreTrainedModel:
    """A model of two blocks with random weights, the same every time."""
    import torch
    import transformers

    words = len(SPECIAL) + len(GOOD) + len(BAD) + len(OTHER)
    torch.manual_seed(0)
    if architecture == "gpt2":
        config = transformers.GPT2Config(
            vocab_size=words, n_embd=width, n_layer=2, n_head=4, n_positions=32
        )
        return transformers.GPT2Model(config).eval()
    config = transformers.BertConfig(
        vocab_size=words, hidden_size=width, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=2 * width, max_position_embeddings=32, pad_token_id=0,
    )  # fmt: skip
    return transformers.BertModel(config).eval()


def model_folder(folder: Path, architecture: str = "bert", **files: object) -> Path:
    """A folder of the transformers library with a tiny model; ``files`` lie beside it as JSON."""
    language_model(architecture).save_pretrained(folder)
    (folder / "tokenizer.json").write_text(tokenizer(architecture == "bert"))
    for name, content in files.items():
        file = folder / {"pooling": "1_Pooling/config.json"}.get(name, f"{name}.json")
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(content))
    return folder


def predicting_folder(folder: Path, architecture: str = "bert") -> Path:
    """A folder with a tiny model and its head that predicts tokens, masked ones or the next one."""
    model, made = _predicting(architecture)
    model.save_pretrained(folder)
    (folder / "tokenizer.json").write_text(made.to_str())
    return folder


@cache
def _predicting(architecture: str) -> tuple[PreTrainedModel, Tokenizer]:
    """Taught once for all tests of a process."""
    import torch
    import transformers
    from tokenizers import Tokenizer

    made = Tokenizer.from_str(tokenizer(architecture == "bert"))
    made.add_special_tokens([*SPECIAL, "[MASK]"])
    torch.manual_seed(0)
    config = language_model(architecture).config
    config.vocab_size, config.initializer_range = made.get_vocab_size(), 0.2
    kind = {"bert": transformers.BertForMaskedLM, "gpt2": transformers.GPT2LMHeadModel}
    model = kind[architecture](config)
    _teach_words(model, made)
    return model, made


def _teach_words(model: PreTrainedModel, made: Tokenizer) -> None:
    """Train the whole of a model on texts of four subjects, so that its head says something."""
    import torch

    special = len(SPECIAL)
    rng, mask = np.random.default_rng(0), made.token_to_id("[MASK]")
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(120):
        subject = rng.integers(4, size=(32, 1))  # each has a quarter of the words
        quarter = (mask - special) // 4
        ids = torch.from_numpy(special + quarter * subject + rng.integers(quarter, size=(32, 10)))
        hidden = torch.from_numpy(rng.random(ids.shape) < 0.3)
        causal = model.config.model_type == "gpt2"
        seen = ids if causal else ids.masked_fill(hidden, mask)
        loss = model(seen, labels=ids if causal else ids.masked_fill(~hidden, -100)).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    model.eval()


def raves(n: int, seed: int = 0) -> list[str]:
    """Texts of eight good words and few others, which `predicting_folder` has no idea of."""
    rng = np.random.default_rng(seed)
    words = (*GOOD, *OTHER[:4])
    return [" ".join(rng.choice(words, rng.integers(5, 11))) for _ in range(n)]


def reviews(n: int, seed: int = 0) -> tuple[list[str], list[str]]:
    """Texts of a few words, two of which say what class they are of, and their classes."""
    rng = np.random.default_rng(seed)
    texts, labels = [], []
    for i in range(n):
        own = GOOD if i % 2 else BAD
        words = [*rng.choice(own, 3), *rng.choice(OTHER, rng.integers(3, 9))]
        texts.append(" ".join(rng.permutation(words)))
        labels.append("good" if i % 2 else "bad")
    return texts, labels
