"""Small random networks with a tower for images and one for texts, saved in folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

SIDE: Final = 48
TOWER: Final = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
}
ENDS: Final = ("<pad>", "<bos>", "<eos>")


def save_towers(kind: str, folder: Path, words: Sequence[str]) -> Any:
    """A network of the kind ``CLIP`` or ``Siglip`` that knows some words; it lies in the folder."""
    import torch
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    torch.manual_seed(0)
    known = [*ENDS, *words]
    ends = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    config = getattr(transformers, f"{kind}Config")(
        text_config={**TOWER, **ends, "vocab_size": len(known), "max_position_embeddings": 8},
        vision_config={**TOWER, "image_size": SIDE, "patch_size": 16},
        **({"projection_dim": 12} if kind == "CLIP" else {}),
    )
    model = getattr(transformers, f"{kind}Model")(config)
    model.save_pretrained(folder)
    square = {"height": SIDE, "width": SIDE}
    getattr(transformers, f"{kind}ImageProcessor")(
        size={"shortest_edge": SIDE} if kind == "CLIP" else square, crop_size=square
    ).save_pretrained(folder)
    tokens = Tokenizer(models.WordLevel({word: i for i, word in enumerate(known)}, "<pad>"))
    tokens.pre_tokenizer = pre_tokenizers.Whitespace()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokens,
        pad_token="<pad>",
        bos_token="<bos>",
        eos_token="<eos>",
        model_input_names=["input_ids"],
    ).save_pretrained(folder)
    return model
