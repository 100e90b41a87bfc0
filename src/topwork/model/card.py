"""What a bundle says about itself, as plain data."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from topwork.backbones import Backbone, InputSpec
from topwork.data import Framing

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
    input: dict[str, Any]
    framing: dict[str, Any]
    labels: list[Label]
    temperature: float = 1.0
    faithful: bool = True

    @property
    def input_spec(self) -> InputSpec:
        facts: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in self.input.items()
        }
        return InputSpec(**facts)

    @property
    def frame(self) -> Framing:
        return Framing(**self.framing)

    @staticmethod
    def framing_for(backbone: Backbone, geometry: str) -> Framing:
        """How pictures become this backbone's input under a named geometry."""
        spec = backbone.input
        return Framing(
            height=spec.height,
            width=spec.width,
            geometry=geometry,  # type: ignore[arg-type]
            interpolation=spec.interpolation,  # type: ignore[arg-type]
            crop_fraction=spec.crop_fraction,
        )
