"""Source ``keras``: which name and file lead to which model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from topwork.backbones.backbone import Backbone
from topwork.backbones.inputs import InputSpec
from topwork.backbones.sources.keras.applications import APPLICATIONS, application
from topwork.backbones.weights_recipe import read_recipe, read_tensors
from topwork.errors import BackboneError
from topwork.installation import require

_CROP = 0.875
_PRESET = "hub/"


class KerasSource:
    """Keras Applications, presets of KerasHub, and whole models of the user's."""

    name = "keras"
    by_bare_name = False

    def names(self) -> list[str]:
        return [entry.name for entry in APPLICATIONS]

    def find(self, name: str, weights: Path | None) -> Backbone | None:
        require("A network of Keras", ("torch", "keras"))
        if weights is None:
            return self._by_name(name)
        if weights.suffix == ".safetensors":
            return _sealed(name, weights)
        if weights.suffix == ".keras":
            return _own_model(name, weights)
        if weights.suffix == ".h5" and application(name) is not None:
            return _application(name, weights)
        raise BackboneError(
            f"{weights.name} is no file that the source keras reads for {name!r}.",
            remedy="Give a whole model (keras:NAME@FILE.keras), or the weights of a network of "
            "Keras Applications (keras:resnet50@FILE.weights.h5).",
        )

    def _by_name(self, name: str) -> Backbone | None:
        if name.startswith(_PRESET):
            from topwork.backbones.sources.keras.kerashub import preset

            return _backbone(name, preset(name.removeprefix(_PRESET)))
        return None if application(name) is None else _application(name, None)


def _application(name: str, weights: Path | None) -> Backbone:
    from topwork.backbones.sources.keras.loading import pretrained, with_weights
    from topwork.backbones.sources.keras.network import Framed
    from topwork.backbones.sources.keras.pixels import pixels_of

    wanted = application(name)
    assert wanted is not None
    model = pretrained(wanted) if weights is None else with_weights(wanted, weights)
    return _backbone(name, Framed(model, pixels_of(wanted), crop_fraction=_CROP))


def _own_model(name: str, weights: Path) -> Backbone:
    """A model of the user's: what it doesn't do to pixels itself, its name says."""
    from topwork.backbones.sources.keras.flatten import flatten
    from topwork.backbones.sources.keras.loading import up_to_features, whole_model
    from topwork.backbones.sources.keras.network import Framed
    from topwork.backbones.sources.keras.pixels import BYTES, UNIT, pixels_of, scales_itself

    model, known = up_to_features(whole_model(weights)), application(name)
    if scales_itself(flatten(model, weights.name)):
        pixels = BYTES
    else:
        pixels = UNIT if known is None else pixels_of(known)
    return _backbone(name, Framed(model, pixels))


def untrained(name: str, weights: Path, part: int) -> Backbone:
    """One of several networks in a file, without its tensors."""
    found = _backbone(name, _rebuilt(weights, part))
    return replace(found, fingerprint=f"untrained-{name}")


def _sealed(name: str, weights: Path) -> Backbone:
    """A model from the tensors of a bundle, which say how to build it."""
    return _backbone(name, _rebuilt(weights), read_tensors(weights))


def _rebuilt(weights: Path, part: int | None = None) -> Any:
    from topwork.backbones.sources.keras.loading import from_config
    from topwork.backbones.sources.keras.network import Framed
    from topwork.backbones.sources.keras.pixels import Pixels

    facts, spec = read_recipe("keras", weights, part)
    assert isinstance(spec, InputSpec)
    model = from_config(facts["config"], weights.name)
    pixels = Pixels(spec.mean, spec.std, bool(facts["bgr"]))
    return Framed(model, pixels, side=spec.height, crop_fraction=spec.crop_fraction)


def _backbone(name: str, framed: Any, tensors: dict[str, Any] | None = None) -> Backbone:
    from topwork.backbones.sources.keras.network import backbone_of

    return backbone_of(f"keras:{name}", framed, tensors)
