"""Image models of transformers: one vector of each image."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from topwork.backbones.backbone import Cuts, Network
from topwork.backbones.inputs import InputSpec
from topwork.backbones.sources.transformers_library import EXAMPLE, first_line
from topwork.errors import BackboneError

if TYPE_CHECKING:
    from torch import Tensor, nn


def network(
    model: nn.Module, spec: InputSpec, *, lacking: frozenset[str], recipe: Mapping[str, str]
) -> Network:
    """An image model of transformers; what it answers is its pooled vector.

    That is the vector that the model pools itself, or its class token, or the mean of its tokens.

    Parameters
    ----------
    model
        A model, or a pair of towers, of which the one for images is taken.
    lacking
        Tensors that the weights didn't hold; a pooling layer among them is left out.
    recipe
        How the model is built again; see `Network`.

    Raises
    ------
    BackboneError
        The model gives no features of images.
    """
    import torch
    from torch import nn

    vision: nn.Module = getattr(model, "vision_model", model)
    pooling = _pooling_class()(vision, trained_pooler=not lacking).eval()
    with torch.inference_mode():
        try:
            features = pooling(torch.zeros(2, 3, spec.height, spec.width))
        except (TypeError, ValueError, AttributeError, RuntimeError) as error:
            raise BackboneError(
                f"{type(model).__name__} gives no features of images ({first_line(error)}).",
                remedy=EXAMPLE,
            ) from error
    return Network(
        module=vision,
        full=pooling,
        pooling=pooling,
        classifier=nn.Identity().eval(),
        width=int(features.shape[1]),
        size=(spec.height, spec.width),
        find_cuts=partial(_cuts, pooling),
        recipe=recipe,
    )


def _cuts(pooling: nn.Module, size: tuple[int, int]) -> Cuts | None:
    from topwork.backbones.cuts import find_cuts

    return find_cuts(pooling, (3, *size))


@cache
def _pooling_class() -> type[nn.Module]:
    from torch import nn

    class Pooling(nn.Module):
        """Images to one vector each."""

        def __init__(self, model: nn.Module, *, trained_pooler: bool) -> None:
            super().__init__()
            self.model = model
            self._trained_pooler = trained_pooler
            names = [name.rpartition(".")[2] for name, _ in model.named_parameters()]
            self._has_class_token = "cls_token" in names or "class_embedding" in names

        def forward(self, images: Tensor) -> Tensor:
            output: Any = self.model(pixel_values=images)
            maps: tuple[Tensor, ...] | None = getattr(output, "feature_maps", None)
            if maps is not None:
                return maps[-1].flatten(2).mean(2)
            pooled: Tensor | None = getattr(output, "pooler_output", None)
            if pooled is not None and self._trained_pooler:
                return pooled.flatten(1)
            hidden: Tensor = output.last_hidden_state
            if self._has_class_token:
                return hidden[:, 0]
            return hidden.flatten(2).mean(2) if hidden.dim() == 4 else hidden.mean(1)

    return Pooling
