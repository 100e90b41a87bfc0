"""A network inside another one, whose graph is built without torch, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from topwork.backbones.backbone import BuildsGraph, Network

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class WrappedBuilder:
    """Loads with torch by ``load``, and builds what ``builder`` builds.

    A subclass says what it does to the nodes.
    """

    load: Callable[[], Network]
    builder: BuildsGraph

    def __call__(self) -> Network:
        return self.load()

    @property
    def cuts(self) -> tuple[str, ...]:
        return self.builder.cuts

    @property
    def inside(self) -> str:
        return self.builder.inside

    @property
    def recipe(self) -> Mapping[str, str]:
        return self.builder.recipe

    def nodes(self, values: Any, cuts: tuple[str, ...]) -> tuple[Any, ...]:
        return self.builder.nodes(values, cuts)

    def tensors(self) -> Mapping[str, NDArray[np.generic]]:
        return self.builder.tensors()
