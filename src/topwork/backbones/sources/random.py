"""Source ``random``: an architecture never trained, the baseline that pretraining must beat."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from topwork.backbones.backbone import Backbone, Network
from topwork.backbones.catalogue import PACKAGED
from topwork.backbones.inputs import InputSpec
from topwork.installation import require

if TYPE_CHECKING:
    from torch import nn

_SEED = 0


class RandomSource:
    """Any packaged or timm architecture, never trained; the same weights in every process."""

    name = "random"
    by_bare_name = True

    def names(self) -> list[str]:
        return [entry.name for entry in PACKAGED]

    def find(self, name: str, weights: Path | None) -> Backbone | None:
        require("An untrained network", ("torch", "timm"))
        from topwork.backbones.sources.timm import TimmSource, model_input

        if weights is not None:
            return TimmSource().local(
                f"random:{name}", _architecture(name), weights, input_spec=_input(name)
            )
        if _input(name) is None and not TimmSource().has(name):
            return None
        spec = _input(name) or model_input(_untrained(_architecture(name)))
        return Backbone(
            name=f"random:{name}",
            fingerprint=f"random-{_SEED}-{_architecture(name)}",
            input=spec,
            load=partial(_load, name, spec),
        )


def _architecture(name: str) -> str:
    return next((e.architecture for e in PACKAGED if e.name == name), name)


def _input(name: str) -> InputSpec | None:
    return next((e.input for e in PACKAGED if e.name == name), None)


def _untrained(architecture: str) -> nn.Module:
    import torch

    from topwork.backbones.sources.timm import build

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        return build(architecture, n_classes=0)


def _load(name: str, spec: InputSpec) -> Network:
    from topwork.backbones.sources.timm import network

    return network(_untrained(_architecture(name)), spec)
