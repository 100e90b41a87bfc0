"""Source ``tfidf``: words weighted by how rare they are, the baseline that transfer has to beat."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.backbone import Backbone
from topwork.backbones.inputs import TokenInput
from topwork.backbones.sources.embedding_bag import BagOfTokens
from topwork.backbones.weights_recipe import read_recipe, recipe
from topwork.errors import BackboneError

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
    spec: TokenInput, *, table: NDArray[np.float32], weights: NDArray[np.float32]
) -> Backbone:
    """A network that adds up what the words of a text say, over the length of their weights.

    Parameters
    ----------
    spec
        The vocabulary.
    table
        ``(v + 1, d)``, what each word adds, its weight included; zeros for number 0, which stands
        for no word.
    weights
        ``(v + 1,)``, the square of each word's weight; 0 for number 0.
    """
    digest = hashlib.blake2b(f"words-2 {spec.digest}".encode(), digest_size=16)
    for array in (table, weights):
        digest.update(np.ascontiguousarray(array, np.float32).tobytes())
    return Backbone(
        name=TFIDF,
        fingerprint=digest.hexdigest(),
        input=spec,
        load=BagOfTokens(table, weights, "root", first=1, recipe=recipe(TFIDF, {}, spec)),
    )
