"""Source ``packaged``: weights that ship in a Python package and need no network."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from topwork.backbones.backbone import Backbone, Network
from topwork.backbones.catalogue import PACKAGED, PACKAGED_TEXT, PackagedWeights
from topwork.backbones.fingerprint import file_fingerprint
from topwork.backbones.lite import (
    CUTS,
    LiteLayers,
    lite_layers,
    lite_nodes,
    read_checkpoint,
    state_dict,
)
from topwork.errors import BackboneError
from topwork.installation import install_package, require

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class PackagedSource:
    """EfficientNet-Lite0, Lite1 and Lite2, installed together with topwork; MiniLM with texts."""

    name = "packaged"
    by_bare_name = True

    def names(self) -> list[str]:
        return [*(entry.name for entry in PACKAGED), *(entry.name for entry in PACKAGED_TEXT)]

    def find(self, name: str, weights: Path | None) -> Backbone | None:
        text = next((e for e in PACKAGED_TEXT if e.name == name), None)
        if text is not None:
            from topwork.backbones.sources.packaged_text import packaged_text
            from topwork.backbones.sources.transformers import from_recipe

            return packaged_text(text) if weights is None else from_recipe(name, weights, self.name)
        entry = next((e for e in PACKAGED if e.name == name), None)
        if entry is None:
            return None
        if weights is not None:
            from topwork.backbones.sources.timm import TimmSource

            return TimmSource().local(
                f"packaged:{name}", entry.architecture, weights, input_spec=entry.input
            )
        file = _weights_file(entry)
        return Backbone(
            name=f"packaged:{name}",
            fingerprint=file_fingerprint(entry.architecture, file),
            input=entry.input,
            load=_Packaged(entry, file),
            licence=entry.licence,
        )


@dataclass(frozen=True, slots=True)
class _Packaged:
    """Loads the network with torch, or builds its graph without."""

    entry: PackagedWeights
    file: Path

    def __call__(self) -> Network:
        return _load(self.entry, self.file)

    cuts = CUTS
    inside = "model"
    recipe: ClassVar[Mapping[str, str]] = {}

    def nodes(self, values: Any, cuts: tuple[str, ...]) -> tuple[Any, ...]:
        return lite_nodes(self._layers(), values, cuts)

    def tensors(self) -> Mapping[str, NDArray[np.generic]]:
        return state_dict(self._layers())

    def _layers(self) -> LiteLayers:
        return lite_layers(read_checkpoint(self.file))


def _weights_file(entry: PackagedWeights) -> Path:
    try:
        locator = getattr(importlib.import_module(entry.module), entry.locator)
    except ImportError as error:
        raise BackboneError(
            f"The package with the weights of {entry.name} is not installed.",
            remedy=install_package(entry.module.replace("_", "-")),
        ) from error
    return Path(locator.get_model_file_path())


def _load(entry: PackagedWeights, file: Path) -> Network:
    require(f"packaged:{entry.name} as a PyTorch module", ("torch", "timm"))
    import torch

    from topwork.backbones.sources.timm import build, network

    model = build(entry.architecture, n_classes=1000)
    tensors = torch.load(file, map_location="cpu", weights_only=True)
    model.load_state_dict(_rename(tensors, model.state_dict()), strict=True)
    return network(model, entry.input)


def _rename(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """Both hold the same tensors in the same order under other names; every shape is asserted."""
    counters = "num_batches_tracked"
    source = [v for k, v in theirs.items() if not k.endswith(counters)]
    target = [k for k in ours if not k.endswith(counters)]
    if len(source) != len(target) or any(
        tuple(v.shape) != tuple(ours[k].shape) for k, v in zip(target, source, strict=True)
    ):
        raise BackboneError(
            "The packaged weights do not fit the network that timm builds.",
            remedy="Reinstall topwork with the versions of its constraints file.",
        )
    kept = {k: v for k, v in ours.items() if k.endswith(counters)}
    return {**kept, **dict(zip(target, source, strict=True))}
