"""Several networks side by side as one graph, built without torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from topwork.backbones.backbone import POOLED, BuildsGraph, Network
from topwork.backbones.engines.openvino import openvino
from topwork.backbones.engines.preprocess import normalised
from topwork.backbones.inputs import InputSpec
from topwork.backbones.nodes import image_size, means_of_maps, mirrored, resized, unit_length
from topwork.backbones.weights_recipe import recipes_of_parts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

N_DEPTHS: Final = 4
"""The last cuts of a network, the pooled one included."""


@dataclass(frozen=True, eq=False, slots=True)
class TogetherBuilder:
    """Builds the graph of what ``load`` loads with torch.

    Parameters
    ----------
    specs
        What each network expects to see.
    n_deep, n_mirrored
        How many of the first give vectors at several depths, and see the mirrored image, too.
    """

    load: Callable[[], Network]
    builders: Sequence[BuildsGraph]
    specs: Sequence[InputSpec]
    n_deep: int
    n_mirrored: int

    cuts = (POOLED,)
    inside = ""

    def __call__(self) -> Network:
        return self.load()

    @property
    def recipe(self) -> Mapping[str, str]:
        return recipes_of_parts([builder.recipe for builder in self.builders])

    def nodes(self, values: Any, cuts: tuple[str, ...]) -> tuple[Any, ...]:
        vectors = [self._vectors(i, values) for i in range(len(self.builders))]
        found = openvino().opset13.concat(vectors, 1)
        return tuple(found for _ in cuts)

    def tensors(self) -> Mapping[str, NDArray[np.generic]]:
        """Under the names of the torch module's parts."""
        return dict(self._named())

    def _named(self) -> Iterator[tuple[str, NDArray[np.generic]]]:
        for i, builder in enumerate(self.builders):
            inside = "features" if i < self.n_deep else builder.inside
            prefix = ".".join(filter(None, ("parts", str(i), inside)))
            for name, tensor in builder.tensors().items():
                yield f"{prefix}.{name}", tensor

    def _vectors(self, i: int, images: Any) -> Any:
        spec = self.specs[i]
        if image_size(images) != (spec.height, spec.width):
            images = resized(images, spec.height, spec.width)
        vectors = unit_length(self._pooled(i, normalised(images, spec)))
        if i >= self.n_mirrored:
            return vectors
        others = unit_length(self._pooled(i, normalised(mirrored(images), spec)))
        return unit_length(openvino().opset13.add(vectors, others))

    def _pooled(self, i: int, values: Any) -> Any:
        builder = self.builders[i]
        if i >= self.n_deep:
            return builder.nodes(values, (POOLED,))[0]
        maps = builder.nodes(values, builder.cuts[-N_DEPTHS:])
        return openvino().opset13.concat([unit_length(means_of_maps(m)) for m in maps], 1)
