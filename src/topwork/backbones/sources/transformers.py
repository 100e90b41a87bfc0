"""Source ``transformers``: models of the Hugging Face hub, or of a folder in its format."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from topwork.backbones.backbone import Backbone, Network
from topwork.backbones.fingerprint import fingerprint
from topwork.backbones.inputs import Input, InputSpec, TokenInput
from topwork.backbones.model_folder import check_folder
from topwork.backbones.sources import vision
from topwork.backbones.sources.detectors import built, is_detector, network_of
from topwork.backbones.sources.hub import hub
from topwork.backbones.sources.language import (
    FILES,
    Sentence,
    read_folder,
    sentence_of,
    tokens_of,
)
from topwork.backbones.sources.language import network as text_network
from topwork.backbones.sources.processor import input_of
from topwork.backbones.sources.transformers_library import EXAMPLE, quiet, readable, transformers
from topwork.backbones.weights_recipe import read_recipe, read_tensors, recipe
from topwork.errors import BackboneError

if TYPE_CHECKING:
    from torch import nn

_NAME = "transformers"
_IMAGES, _TEXTS = "pixel_values", "input_ids"
_VOLATILE = ("_name_or_path", "transformers_version", "dtype", "architectures", "id2label")


class TransformersSource:
    """ViT, DINOv2, ConvNeXt, SigLIP, BERT, GPT-2 and others; safetensors only, never code.

    Of DETR, RT-DETR and D-FINE the convolutional network.
    """

    name = _NAME
    by_bare_name = False

    def names(self) -> list[str]:
        return []

    def find(self, name: str, weights: Path | None) -> Backbone | None:
        if weights is not None and weights.is_file():
            return from_recipe(name, weights)
        place = name if weights is None else str(weights)
        if weights is not None:
            check_folder(weights)
        local = weights is not None
        model, lacking = _model(place, local=local)
        if _takes(model) == _TEXTS:
            config = _config(model)
            files = _text_files(place, int(config["vocab_size"]), local=local)
            sentence = sentence_of(files)
            return _handle(name, model, tokens_of(config, sentence, files), sentence)
        return _handle(name, model, _input(place, local=local), lacking)


def _handle(
    name: str, model: nn.Module, spec: Input, own: frozenset[str] | Sentence, source: str = _NAME
) -> Backbone:
    """A model at hand; ``own`` is which tensors it lacks, or how it pools tokens."""
    tower = getattr(model, "vision_model", model)
    architecture = _architecture(model)
    if isinstance(spec, TokenInput):
        architecture += f"{own}{spec}"
    return Backbone(
        name=f"{source}:{name}",
        fingerprint=fingerprint(architecture, tower),
        input=spec,
        load=partial(_copied, model, spec, own),
    )


def _copied(model: nn.Module, spec: Input, own: frozenset[str] | Sentence) -> Network:
    return _network(deepcopy(model), spec, own)


def _network(model: nn.Module, spec: Input, own: frozenset[str] | Sentence) -> Network:
    if isinstance(own, frozenset):
        assert isinstance(spec, InputSpec)
        made = recipe(_NAME, {"config": _config(model), "lacking": sorted(own)}, spec)
        return vision.network(model, spec, lacking=own, recipe=made)
    assert isinstance(spec, TokenInput)
    facts = {"config": _config(model), "sentence": asdict(own)}
    return text_network(model, spec, own, recipe=recipe(_NAME, facts, spec))


def load_text(folder: Path, spec: TokenInput, sentence: Sentence) -> Network:
    """The network of a text model in a folder."""
    return _network(_model(str(folder), local=True)[0], spec, sentence)


def _model(place: str, *, local: bool) -> tuple[nn.Module, frozenset[str]]:
    """The model, and the names of tensors that its weights don't hold."""
    library = transformers()
    with quiet(library), readable(place), hub():
        model, report = library.AutoModel.from_pretrained(
            place,
            local_files_only=local,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    lacking = frozenset(str(key) for key in report["missing_keys"])
    if is_detector(model):
        return _checked(network_of(library, model, lacking)), frozenset()
    others = sorted(key for key in lacking if "pooler" not in key)
    if others:
        raise BackboneError(
            f"The weights of {place} lack {len(others)} tensors, for example {others[0]}.",
            remedy="Save the whole model again with save_pretrained.",
        )
    for key in lacking:  # filled at random otherwise, and part of the fingerprint
        model.get_parameter(key).data.zero_()
    return _checked(model), lacking


def _checked(model: Any) -> nn.Module:
    if _takes(model) == _TEXTS:
        if model.config.is_encoder_decoder:
            model = model.get_encoder()
        model.config.use_cache = False  # what a decoder keeps for the next token isn't needed
        model.loss_function = None  # the export looks at it, and the library then warns
    elif _takes(model) != _IMAGES:
        raise BackboneError(
            f"{type(model).__name__} takes neither images nor texts.", remedy=EXAMPLE
        )
    checked: nn.Module = model.float().eval()
    return checked


def _takes(model: Any) -> str:
    """The name of a model's main input; of a pair of towers, that of the one for images."""
    return str(getattr(getattr(model, "vision_model", model), "main_input_name", ""))


def _text_files(place: str, vocabulary: int, *, local: bool) -> dict[str, str | None]:
    """The small files beside a text model, the tokenizer made from others if need be."""
    library = transformers()
    if local:
        files = read_folder(Path(place))
    else:
        with readable(place), hub():
            found = {name: _on_hub(library, place, name) for name in FILES}
        files = {n: Path(f).read_text("utf-8") if f else None for n, f in found.items()}
    if files["tokenizer.json"] is None:
        with quiet(library), readable(place), hub():
            made = library.AutoTokenizer.from_pretrained(
                place, local_files_only=local, trust_remote_code=False
            )
        # where there is nothing to make one from, the library gives one without words
        if 2 * made.backend_tokenizer.get_vocab_size() >= vocabulary:
            files["tokenizer.json"] = made.backend_tokenizer.to_str()
    return files


def _on_hub(library: Any, place: str, name: str) -> str | None:
    found: str | None = library.utils.cached_file(
        place,
        name,
        _raise_exceptions_for_gated_repo=False,
        _raise_exceptions_for_missing_entries=False,
        _raise_exceptions_for_connection_errors=False,
    )
    return found


def _input(place: str, *, local: bool) -> InputSpec:
    library = transformers()
    with quiet(library), readable(place), hub():
        processor = library.AutoImageProcessor.from_pretrained(
            place, local_files_only=local, trust_remote_code=False
        )
    return input_of(processor)


def untrained(name: str, weights: Path, part: int) -> Backbone:
    """One of several networks in a file, without its tensors."""
    model, spec, own = _rebuilt(weights, part)
    return replace(_handle(name, model, spec, own), fingerprint=f"untrained-{name}")


def from_recipe(name: str, weights: Path, source: str = _NAME) -> Backbone:
    """A model from the tensors of a bundle, which say how to build it."""
    model, spec, own = _rebuilt(weights)
    tower: nn.Module = getattr(model, "vision_model", model)
    with readable(weights.name):
        tower.load_state_dict(read_tensors(weights), strict=True)
    return _handle(name, model, spec, own, source)


def _rebuilt(
    weights: Path, part: int | None = None
) -> tuple[nn.Module, Input, frozenset[str] | Sentence]:
    facts, spec = read_recipe(_NAME, weights, part)
    library = transformers()
    with quiet(library), readable(weights.name):
        config = library.AutoConfig.for_model(**facts["config"])
        model = _checked(built(library, config))
    if "sentence" in facts:
        return model, spec, Sentence(**facts["sentence"])
    return model, spec, frozenset(facts["lacking"])


def _config(model: Any) -> dict[str, Any]:
    """The model's configuration without what points to other places or to code."""
    config: dict[str, Any] = json.loads(model.config.to_json_string(use_diff=False))
    config.pop("auto_map", None)
    return config


def _architecture(model: nn.Module) -> str:
    kept = {k: v for k, v in _config(model).items() if k not in _VOLATILE}
    return type(model).__name__ + json.dumps(kept, sort_keys=True)
