"""Source ``model2vec``: static embeddings, a table of one vector a token, and nothing else.

The cheapest of all networks for texts. A text's vector is the mean of its tokens' vectors; tokens
that the vocabulary doesn't have are left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.backbone import Backbone
from topwork.backbones.inputs import TokenInput, token_input
from topwork.backbones.sources.embedding_bag import BagOfTokens
from topwork.backbones.sources.hub import hub
from topwork.backbones.sources.language import LONGEST
from topwork.backbones.weights_recipe import read_recipe, recipe
from topwork.errors import BackboneError
from topwork.installation import require

_NAME: Final = "model2vec"
_PLACES: Final = ("", "0_StaticEmbedding/")
"""Where the table may lie: beside the tokenizer, or where sentence-transformers puts it."""
_KEYS: Final = ("embeddings", "embedding.weight")

Float32 = NDArray[np.float32]
J = TypeVar("J", dict[str, Any], list[Any])


class Model2VecSource:
    """Models of the library of that name, and StaticEmbedding of sentence-transformers."""

    name = _NAME
    by_bare_name = False

    def names(self) -> list[str]:
        return []

    def find(self, name: str, weights: Path | None) -> Backbone | None:
        if weights is not None and weights.is_file():
            return _sealed(name, weights)
        return _opened(name, _on_hub(name) if weights is None else _in_folder(weights))


Find = Callable[[str], Path | None]
"""The file of a name, None where there is none."""


def _in_folder(folder: Path) -> Find:
    return lambda name: folder / name if (folder / name).is_file() else None


def _on_hub(place: str) -> Find:
    def find(name: str) -> Path | None:
        require(f"{_NAME}:{place}", ("huggingface_hub",))
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import RemoteEntryNotFoundError

        try:
            with hub():
                return Path(hf_hub_download(place, name))
        except RemoteEntryNotFoundError:
            return None
        except Exception as error:
            raise BackboneError(
                f"{_NAME}:{place} could not be loaded ({type(error).__name__}).",
                remedy=f"Give a folder that holds tokenizer.json and model.safetensors as "
                f"{_NAME}:NAME@FOLDER, or use packaged:all-minilm-l6-v2.",
                code="weights_unreachable",
            ) from error

    return find


def _opened(name: str, find: Find) -> Backbone:
    for place in _PLACES:
        tokenizer, tensors = find(f"{place}tokenizer.json"), find(f"{place}model.safetensors")
        if tokenizer is not None and tensors is not None:
            return _backbone(name, tokenizer, tensors, _is_unit(find))
    raise BackboneError(
        f"{_NAME}:{name} holds no tokenizer.json beside a model.safetensors.",
        remedy="Give a folder that save_pretrained of model2vec wrote.",
        code="no_model",
    )


def _is_unit(find: Find) -> bool:
    """Whether vectors are scaled to length 1, by its own file or by that of its modules."""
    config, modules = find("config.json"), find("modules.json")
    said = _parsed(config, dict).get("normalize") if config else None
    kinds = _parsed(modules, list) if modules else []
    ends = (str(kind.get("type")) for kind in kinds if isinstance(kind, dict))
    return bool(said) or any(end.endswith("Normalize") for end in ends)


def _parsed(file: Path, wanted: type[J]) -> J:
    """What a file of JSON holds."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except ValueError:  # neither JSON nor UTF-8
        found = None
    if not isinstance(found, wanted):
        raise BackboneError(
            f"{file.name} is not what model2vec writes.",
            remedy="Save the model again with save_pretrained.",
            code="no_model",
        )
    return found


def _backbone(name: str, tokenizer: Path, file: Path, unit: bool) -> Backbone:
    kept = _parsed(tokenizer, dict)
    kept["post_processor"] = None  # the model is of words alone, without first and last token
    vectors = _vectors(file)
    spec = token_input(json.dumps(kept), max_length=LONGEST, vocabulary=len(vectors))
    weights = np.ones(len(vectors), np.float32)
    unknown = _unknown(kept)
    if unknown is not None:
        vectors[unknown], weights[unknown] = 0, 0
    none = np.zeros((1, vectors.shape[1]), np.float32)
    table = np.concatenate([none, vectors])
    return _handle(name, spec, table, np.concatenate([[np.float32(0)], weights]), unit)


def _vectors(file: Path) -> Float32:
    """A vector for each token ``(v, d)``, its weight included."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        tensors: dict[str, Any] = load_file(file)
    except SafetensorError as error:
        raise BackboneError(
            f"{file.name} is no safetensors file.", remedy="Save the model again."
        ) from error
    key = next((k for k in _KEYS if k in tensors), None)
    if key is None:
        raise BackboneError(
            f"{file.name} holds no table of vectors.",
            remedy=f"Give a folder that save_pretrained of {_NAME} wrote.",
            code="no_model",
        )
    vectors: Float32 = tensors[key].astype(np.float32)
    if "mapping" in tensors:  # several tokens share a vector
        vectors = vectors[tensors["mapping"].astype(np.int64)]
    if "weights" in tensors:
        vectors = vectors * tensors["weights"].astype(np.float32)[:, None]
    return vectors


def _unknown(tokenizer: dict[str, Any]) -> int | None:
    """The number of the token that stands for whatever the vocabulary doesn't have."""
    model = tokenizer.get("model") or {}
    if isinstance(model.get("unk_id"), int):
        return int(model["unk_id"])
    found = model.get("unk_token")
    vocabulary = model.get("vocab")
    if found is None or not isinstance(vocabulary, dict):
        return None
    number: int | None = vocabulary.get(found)
    return number


def _handle(name: str, spec: TokenInput, table: Float32, weights: Float32, unit: bool) -> Backbone:
    digest = hashlib.blake2b(f"static-1 {spec.digest} {unit}".encode(), digest_size=16)
    for array in (table, weights):
        digest.update(np.ascontiguousarray(array).tobytes())

    made = recipe(_NAME, {"unit": unit}, spec)
    load = BagOfTokens(table, weights, "length" if unit else "sum", first=0, recipe=made)
    return Backbone(name=f"{_NAME}:{name}", fingerprint=digest.hexdigest(), input=spec, load=load)


def _sealed(name: str, weights: Path) -> Backbone:
    from safetensors.numpy import load_file

    facts, spec = read_recipe(_NAME, weights)
    assert isinstance(spec, TokenInput)
    tensors = load_file(weights)
    return _handle(name, spec, tensors["table"], tensors["weights"], bool(facts["unit"]))
