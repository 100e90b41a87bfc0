"""A cut of the packaged EfficientNet-Lite0 for benchmarks and tests, split by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor, nn

from topwork.backbones import Backbone, Network, resolve

CUT = "blocks.5"
SHAPE = (192, 7, 7)


class Trunk(nn.Module):
    """Images to the features after ``blocks[5]``."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.conv_stem, self.bn1 = model.conv_stem, model.bn1
        self.blocks = model.blocks[:6]

    def forward(self, images: Tensor) -> Tensor:
        maps: Tensor = self.blocks(self.bn1(self.conv_stem(images)))
        return maps


class Tail(nn.Module):
    """Those features to the pooled vector."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.blocks = nn.ModuleDict({"6": model.blocks[6]})
        self.conv_head, self.bn2, self.global_pool = (
            model.conv_head,
            model.bn2,
            model.global_pool,
        )

    def forward(self, maps: Tensor) -> Tensor:
        pooled: Tensor = self.global_pool(self.bn2(self.conv_head(self.blocks["6"](maps))))
        return pooled


@dataclass(frozen=True)
class CutBackbone:
    """A handle whose network can be run up to the cut, and the part behind it."""

    backbone: Backbone
    tail: nn.Module


def lite_cut(name: str = "packaged:efficientnet_lite0") -> CutBackbone:
    """The default backbone with its last stage cut off."""
    whole = resolve(name)
    model: Any = whole.load().module

    def load() -> Network:
        trunk = Trunk(model).eval()
        return Network(model, model, {CUT: trunk}, {CUT: nn.Identity()}, {CUT: SHAPE})

    return CutBackbone(replace(whole, load=load), Tail(model).eval())


def tail_copy(cut: CutBackbone) -> nn.Module:
    """The part behind the cut with weights of its own."""
    import copy

    return copy.deepcopy(cut.tail)


__all__ = ["CUT", "SHAPE", "CutBackbone", "lite_cut", "tail_copy"]
