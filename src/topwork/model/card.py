"""What a bundle says about itself, as plain data."""

from __future__ import annotations

from typing import Literal, cast

from pydantic import BaseModel, ConfigDict

from topwork.backbones import Backbone, InputSpec
from topwork.data import Framing, Geometry, Interpolation

Label = str | int | float | bool


class Card(BaseModel):
    """Everything about a model that isn't a tensor: ``model.json`` in the bundle.

    Attributes
    ----------
    labels
        The classes, in the order of the logits.
    temperature
        Logits are divided by it before they become probabilities.
    faithful
        Whether the compiled graph answers like the torch network; if not, torch runs it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["image"] = "image"
    backbone: str
    backbone_fingerprint: str
    cut: str
    strategy: Literal["probe"] = "probe"
    head: str
    input: InputSpec
    framing: Framing
    labels: list[Label]
    temperature: float = 1.0
    faithful: bool = True


def framing_for(backbone: Backbone, geometry: Geometry) -> Framing:
    """How pictures become this backbone's input under a named geometry."""
    spec = backbone.input
    return Framing(
        height=spec.height,
        width=spec.width,
        geometry=geometry,
        interpolation=cast(Interpolation, spec.interpolation),
        crop_fraction=spec.crop_fraction,
    )
