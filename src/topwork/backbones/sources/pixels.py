"""Source ``pixels``: no pretrained network at all, the baseline that transfer has to beat."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from topwork.backbones.backbone import Backbone, Network
from topwork.backbones.inputs import InputSpec

if TYPE_CHECKING:
    from torch import nn

_GRID = 16
_BINS = 16
_VERSION = "pixels-1"
_SPEC = InputSpec(64, 64, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "bilinear", 1.0)


class PixelsSource:
    """Tiny grey pixels and colour histograms, as a network so that nothing treats it apart."""

    name = "pixels"
    by_bare_name = True

    def names(self) -> list[str]:
        return ["pixels"]

    def find(self, name: str, weights: Path | None) -> Backbone | None:  # noqa: ARG002
        if name != "pixels":
            return None
        return Backbone(name="pixels", fingerprint=_VERSION, input=_SPEC, load=_load)


def _load() -> Network:
    from torch import nn

    pooling = _pixels_class()().eval()
    return Network(
        module=pooling,
        full=pooling,
        pooling=pooling,
        classifier=nn.Identity().eval(),
        width=_GRID * _GRID + 3 * _BINS,
    )


@cache
def _pixels_class() -> type[nn.Module]:
    import torch
    from torch import Tensor, nn
    from torch.nn.functional import avg_pool2d

    class Pixels(nn.Module):
        """Images ``(b, 3, h, w)`` in 0..1 to centred grey pixels beside colour histograms."""

        def forward(self, images: Tensor) -> Tensor:
            cell = _SPEC.height // _GRID
            grey = avg_pool2d(images.mean(dim=1, keepdim=True), cell).flatten(1)
            level = torch.clamp(images.flatten(2) * _BINS, max=_BINS - 0.5)
            counts = [
                ((level >= b) & (level < b + 1)).to(images.dtype).mean(dim=2) for b in range(_BINS)
            ]
            histogram = torch.stack(counts, dim=2).flatten(1)
            return torch.cat([(grey - 0.5) / _GRID, histogram], dim=1)

    return Pixels
