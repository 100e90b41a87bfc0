"""Source ``tfidf``: words weighted by how rare they are, the baseline that transfer has to beat."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.backbone import Backbone, Network
from topwork.backbones.inputs import TokenInput
from topwork.backbones.sealed import read_recipe, recipe
from topwork.errors import BackboneError

if TYPE_CHECKING:
    from torch import Tensor, nn

TFIDF: Final = "tfidf"


class TfidfSource:
    """Words and pairs of words; what they weigh is learnt from texts, so none is there before."""

    name = TFIDF
    by_bare_name = True

    def names(self) -> list[str]:
        return []

    def find(self, name: str, weights: Path | None) -> Backbone | None:
        if name != TFIDF:
            return None
        if weights is None:
            raise BackboneError(
                "tfidf is made of the texts themselves, so it cannot be had before a fit.",
                remedy="Leave the backbone out: every fit of texts tries tfidf beside it.",
                code="made_of_texts",
            )
        from safetensors.numpy import load_file

        _, spec = read_recipe(TFIDF, weights)
        assert isinstance(spec, TokenInput)
        return words_backbone(spec, **load_file(weights))


def words_backbone(
    spec: TokenInput, *, table: NDArray[np.float32], squares: NDArray[np.float32]
) -> Backbone:
    """A network that adds up what the words of a text say, over the length of their weights.

    Parameters
    ----------
    spec
        The vocabulary.
    table
        ``(v + 1, d)``, what each word adds, its weight included; zeros for number 0, which stands
        for no word.
    squares
        ``(v + 1,)``, the square of each word's weight; 0 for number 0.
    """
    digest = hashlib.blake2b(f"words-1 {spec.digest}".encode(), digest_size=16)
    for array in (table, squares):
        digest.update(np.ascontiguousarray(array, np.float32).tobytes())
    return Backbone(
        name=TFIDF,
        fingerprint=digest.hexdigest(),
        input=spec,
        load=lambda: _load(spec, table, squares),
    )


def _load(spec: TokenInput, table: NDArray[np.float32], squares: NDArray[np.float32]) -> Network:
    from torch import nn

    bag = _bag_class()(table, squares).eval()
    return Network(
        module=bag,
        full=bag,
        pooling=bag,
        classifier=nn.Identity().eval(),
        width=table.shape[1],
        recipe=recipe(TFIDF, {}, spec),
    )


@cache
def _bag_class() -> type[nn.Module]:
    import torch
    from torch import nn

    class WordBag(nn.Module):
        """Numbers ``(b, t)`` of different words, with -1 behind each text, to ``(b, d)``."""

        table: Tensor
        squares: Tensor

        def __init__(self, table: NDArray[np.float32], squares: NDArray[np.float32]) -> None:
            super().__init__()
            self.register_buffer("table", torch.from_numpy(table))
            self.register_buffer("squares", torch.from_numpy(squares))

        def forward(self, tokens: Tensor) -> Tensor:
            numbers = tokens.clamp(min=0).long()
            length = self.squares[numbers].sum(dim=1, keepdim=True).clamp(min=1e-12).sqrt()
            return self.table[numbers].sum(dim=1) / length

    return WordBag
