"""The tower for texts of a network of the CLIP or SigLIP kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.resized import split_size
from topwork.backbones.sources.hub import hub
from topwork.backbones.sources.transformers_library import quiet, readable, transformers

EXAMPLE: Final = "openai/clip-vit-base-patch32"
_SOURCE: Final = "transformers:"


class TextTower:
    """Gives features of texts.

    Parameters
    ----------
    model
        A network with both towers, in evaluation mode.
    tokenizer
        Its own.
    """

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model, self._tokenizer = model, tokenizer

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Features (n, d) in the space where both towers meet."""
        import torch

        config = self._model.config
        tokens = self._tokenizer(
            list(texts),
            # SigLIP was trained with texts of full length
            padding="max_length" if "siglip" in config.model_type else True,
            truncation=True,
            max_length=config.text_config.max_position_embeddings,
            return_tensors="pt",
        )
        tokens.pop("token_type_ids", None)
        with torch.inference_mode():
            return vectors_of(self._model.get_text_features(**tokens))

    def among_images(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows (n, d) whose products with pooled features of images rank as those of both towers.

        CLIP projects pooled features x of an image before it compares them with a text t:
        ⟨Px, t⟩ = ⟨x, Pᵀt⟩, so that Pᵀt is a row among the pooled features. SigLIP projects nothing.
        """
        rows = self.vectors(texts)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        projection = getattr(self._model, "visual_projection", None)
        if projection is None:
            return rows
        weight: NDArray[np.float32] = projection.weight.detach().float().numpy()
        projected: NDArray[np.float32] = rows @ weight
        return projected


def vectors_of(output: Any) -> NDArray[np.float32]:
    """Of what the library gives: the vectors, or a record of which they are the pooled part."""
    vectors: NDArray[np.float32] = getattr(output, "pooler_output", output).float().numpy()
    return vectors


def open_text_tower(backbone: str) -> TextTower | None:
    """The tower for texts beside the images' of a backbone; None where it has none.

    Parameters
    ----------
    backbone
        Its full name, such as ``transformers:openai/clip-vit-base-patch32``, or with ``@FOLDER``.

    Raises
    ------
    BackboneError
        The network can't be loaded.
    """
    named, _, folder = backbone.partition("@")
    if not named.startswith(_SOURCE) or "+" in named:
        return None
    place = folder or split_size(named)[0].removeprefix(_SOURCE)
    library = transformers()
    how = {"trust_remote_code": False, "local_files_only": bool(folder)}
    with quiet(library), readable(place), hub():
        config = library.AutoConfig.from_pretrained(place, **how)
        if not (hasattr(config, "text_config") and hasattr(config, "vision_config")):
            return None
        model = library.AutoModel.from_pretrained(place, use_safetensors=True, **how)
        if not hasattr(model, "get_text_features"):
            return None
        tokenizer = library.AutoTokenizer.from_pretrained(place, **how)
    return TextTower(model.float().eval(), tokenizer)
