"""A saved graph behind images as all networks get them, up to its features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from topwork.backbones.backbone import POOLED, Network
from topwork.backbones.engines.openvino import core, openvino
from topwork.backbones.inputs import InputSpec
from topwork.backbones.nodes import image_size
from topwork.backbones.resized import only_one_size
from topwork.backbones.sources.savedmodel.conversion import converted, input_of, pooled_node
from topwork.backbones.sources.savedmodel.model_files import (
    SOURCE,
    ModelFiles,
    read_files,
    sealed_files,
    tensor_name,
)
from topwork.backbones.weights_recipe import recipe
from topwork.errors import BackboneError
from topwork.installation import require

if TYPE_CHECKING:
    from numpy.typing import NDArray


_ODD: Final = 7
"""A number of images that no graph is made for."""


@dataclass(frozen=True, slots=True)
class SavedGraph:
    """Builds the graph; with torch it is a module without parameters, which runs the graph.

    Parameters
    ----------
    name
        Of the backbone.
    place
        The folder or file.
    digest
        Of what lay there when the backbone was named.
    range
        Of the pixels.
    spec
        What the graph takes.
    """

    name: str
    place: Path
    digest: str
    range: str
    spec: InputSpec

    cuts = (POOLED,)
    inside = ""

    @property
    def recipe(self) -> Mapping[str, str]:
        return recipe(SOURCE, {"files": self._files().names, "range": self.range}, self.spec)

    def __call__(self) -> Network:
        require("A saved graph as a PyTorch module", ("torch",))
        from torch import nn

        pooling = _module_class()(self).eval()
        return Network(
            module=pooling,
            full=pooling,
            pooling=pooling,
            classifier=nn.Identity().eval(),
            width=pooling.width,
            recipe=self.recipe,
        )

    def nodes(self, values: Any, cuts: tuple[str, ...]) -> tuple[Any, ...]:
        files = self._files()
        model = converted(files)
        takes, size = input_of(model, files), image_size(values)
        for n in (_ODD, -1):
            try:
                model.reshape([n, 3, *size] if takes.channels_first else [n, *size, 3])
            except RuntimeError as error:
                raise self._fixed(size) from error
            features = pooled_node(model, files)
            # a reshape may have divided the values by the number of images it was made for
            if str(features.get_partial_shape()[0]) != str(n).replace("-1", "?"):
                raise self._fixed(size)
        _put_behind(model, _as_taken(values, model, channels_first=takes.channels_first))
        features = openvino().opset13.convert(features, "f32")
        return tuple(features for _ in cuts)

    def tensors(self) -> Mapping[str, NDArray[np.generic]]:
        return self._files().tensors()

    def _files(self) -> ModelFiles:
        sealed = self.place.suffix == ".safetensors"
        files = sealed_files(self.place)[0] if sealed else read_files(self.place)
        if files.digest != self.digest:
            raise BackboneError(
                f"{self.place.name} was changed while it was used.",
                remedy="Start again when it is complete.",
                code="changed",
            )
        return files

    def _fixed(self, size: tuple[int, int]) -> BackboneError:
        if size != (self.spec.height, self.spec.width):
            return only_one_size(self.name)
        return BackboneError(
            f"{self.name} only takes a fixed number of images at once.",
            remedy="Save it again with an open batch size.",
            code="fixed_batch",
        )


def _as_taken(values: Any, model: Any, *, channels_first: bool) -> Any:
    """Images ``(b, 3, h, w)`` in the layout and the type of a graph's input."""
    ops, kind = openvino().opset13, model.inputs[0].get_element_type()
    if not channels_first:
        values = ops.transpose(values, np.array([0, 2, 3, 1]))
    if kind.is_integral():
        values = ops.round(values, "half_to_even")
    return values if kind == openvino().Type.f32 else ops.convert(values, kind)


def _put_behind(model: Any, values: Any) -> None:
    """Let a graph take what a node gives instead of its input."""
    for target in model.inputs[0].get_target_inputs():
        target.replace_source_output(values.output(0))


@cache
def _module_class() -> Any:
    import torch
    from torch import Tensor, nn

    class SavedGraphModule(nn.Module):
        """Images ``(b, 3, h, w)``, scaled as the graph wants them, to its features ``(b, d)``."""

        def __init__(self, graph: SavedGraph) -> None:
            super().__init__()
            files = graph.tensors()
            for i, tensor in enumerate(files.values()):
                self.register_buffer(tensor_name(i), torch.from_numpy(tensor.copy()))
            self._runners = _Runners(graph)
            self.width = self._runners.width

        def forward(self, images: Tensor) -> Tensor:
            found = self._runners.run(images.detach().cpu().float().numpy())
            return torch.from_numpy(found).to(images)

    return SavedGraphModule


class _Runners:
    """The graph, compiled once per size of images; copies of a module share it."""

    def __init__(self, graph: SavedGraph) -> None:
        self._graph = graph
        self._compiled: dict[tuple[int, int], Any] = {}
        compiled = self._at((graph.spec.height, graph.spec.width))
        self.width = int(compiled.output(0).get_partial_shape()[1].get_length())

    def __deepcopy__(self, memo: dict[int, Any]) -> _Runners:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _Runners, (self._graph,)

    def run(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.array(self._at((images.shape[2], images.shape[3]))(images)[0], np.float32)

    def _at(self, size: tuple[int, int]) -> Any:
        if size not in self._compiled:
            ov = openvino()
            images = ov.opset13.parameter([-1, 3, *size], np.float32, name="images")
            (node,) = self._graph.nodes(images, (POOLED,))
            model = ov.Model([ov.opset13.result(node)], [images], "pooling")
            precise = {"INFERENCE_PRECISION_HINT": "f32"}
            self._compiled[size] = core().compile_model(model, "CPU", precise)
        return self._compiled[size]
