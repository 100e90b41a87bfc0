"""How backbones for images and for texts are refined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from topwork.data import ModalityName
from topwork.training.refining.images import refine_images
from topwork.training.refining.refining_context import RefinedWeights, RefiningContext
from topwork.training.refining.texts import refine_texts

Refine = Callable[[RefiningContext], dict[str, RefinedWeights]]

REFINED_BY: Final[Mapping[ModalityName, Refine]] = {"image": refine_images, "text": refine_texts}
"""By the kind of items: what each objective makes of the start, by its name."""
