"""Text networks that a Python package ships as a folder of the transformers library."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from topwork.backbones.backbone import POOLED, Backbone, Network
from topwork.backbones.bert import BertShape, bert_shape, sentence_nodes
from topwork.backbones.catalogue import PackagedText
from topwork.backbones.fingerprint import file_fingerprint
from topwork.backbones.inputs import TokenInput
from topwork.backbones.sources.language import Sentence, read_folder, sentence_of, tokens_of
from topwork.backbones.weights_recipe import recipe
from topwork.errors import BackboneError
from topwork.installation import install_extra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def packaged_text(entry: PackagedText) -> Backbone:
    """A text model whose folder a Python package ships; it is loaded when it is needed.

    Raises
    ------
    BackboneError
        The package isn't installed.
    """
    found = importlib.util.find_spec(entry.module)
    if found is None or not found.submodule_search_locations:
        raise BackboneError(
            f"The package with the weights of {entry.name} is not installed.",
            remedy=install_extra("text"),
            code="missing_extra",
        )
    folder = Path(found.submodule_search_locations[0]) / "model"
    files = read_folder(folder)
    config, sentence = json.loads((folder / "config.json").read_text("utf-8")), sentence_of(files)
    spec, shape = tokens_of(config, sentence, files), bert_shape(config)
    assert shape is not None, f"{entry.name} is no BERT"
    assert sentence.pooling == "mean", f"{entry.name} pools by {sentence.pooling}"
    described = f"{config}{sentence}{spec.digest}"
    return Backbone(
        name=f"packaged:{entry.name}",
        fingerprint=file_fingerprint(described, folder / "model.safetensors"),
        input=spec,
        load=_Packaged(folder, config, spec, sentence, shape),
        licence=entry.licence,
    )


@dataclass(frozen=True, slots=True)
class _Packaged:
    """Loads the network with torch, or builds its graph without.

    Parameters
    ----------
    n_depths
        How many of the last layers say something of a text.
    """

    folder: Path
    config: Mapping[str, Any]
    spec: TokenInput
    sentence: Sentence
    shape: BertShape
    n_depths: int = 1

    cuts = (POOLED,)
    inside = "model"

    def __call__(self) -> Network:
        from topwork.backbones.sources.transformers import load_text

        return load_text(self.folder, self.spec, self.sentence)

    def at_depths(self, n: int) -> _Packaged:
        """The same of the last n layers, in a row."""
        return replace(self, n_depths=n)

    @property
    def recipe(self) -> Mapping[str, str]:
        facts = {"config": dict(self.config), "sentence": asdict(self.sentence)}
        return recipe("transformers", facts, self.spec)

    def nodes(self, values: Any, cuts: tuple[str, ...]) -> tuple[Any, ...]:
        assert cuts == (POOLED,)
        unit = self.sentence.unit
        tensors = self.tensors()
        return (sentence_nodes(tensors, self.shape, values, unit=unit, n_depths=self.n_depths),)

    def tensors(self) -> Mapping[str, NDArray[np.generic]]:
        from safetensors.numpy import load_file

        tensors: dict[str, NDArray[np.generic]] = load_file(self.folder / "model.safetensors")
        return {key: tensor for key, tensor in tensors.items() if key != _POSITIONS}


_POSITIONS = "embeddings.position_ids"
"""The numbers 0, 1, 2, ..., which newer networks don't store."""
