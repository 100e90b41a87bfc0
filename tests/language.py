"""Small text models of random weights, made by the tests themselves, and texts to learn from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
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
