"""A network's order of calls as a graph, at the level of its stages or of its blocks."""

from __future__ import annotations

import operator
from collections.abc import Callable
from enum import Enum
from typing import Any

import torch
from torch import fx, nn


class Detail(Enum):
    """How far a network is opened: to its stages, or further to the blocks inside."""

    STAGES = "stages"
    BLOCKS = "blocks"


def trace(
    root: nn.Module, detail: Detail, opaque: tuple[Callable[..., Any], ...] = ()
) -> fx.Graph | None:
    """The graph of ``root``, ``None`` where its path depends on more than the size of its input.

    Parameters
    ----------
    opaque
        Functions whose inside can't be traced.
    """
    tracer = _Tracer(_opened(root, detail), opaque)
    try:
        return tracer.trace(root)
    except Exception:  # whatever foreign code does with values that it can't see yet
        return None


def _opened(root: nn.Module, detail: Detail) -> set[nn.Module]:
    """The modules whose inside is traced: what holds lists of modules, and those lists."""
    opened = {root}
    waiting = [(child, False) for child in root.children()]
    while waiting:
        module, inside_list = waiting.pop()
        is_list = isinstance(module, nn.Sequential | nn.ModuleList)
        may_open = detail is Detail.BLOCKS or not inside_list
        if is_list or (may_open and _holds_lists(module)):
            opened.add(module)
            waiting.extend((child, inside_list or is_list) for child in module.children())
    return opened


def _holds_lists(module: nn.Module) -> bool:
    return any(isinstance(m, nn.Sequential | nn.ModuleList) for m in module.modules())


class _Proxy(fx.Proxy):  # type: ignore[no-any-unimported,misc,unused-ignore]
    dtype = torch.float32
    """Known beforehand, because some networks compare it with their own."""


class _Tracer(fx.Tracer):
    def __init__(self, opened: set[nn.Module], opaque: tuple[Callable[..., Any], ...]) -> None:
        super().__init__(autowrap_functions=opaque)
        self._opened = opened

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:  # noqa: ARG002
        return m not in self._opened

    def to_bool(self, obj: fx.Proxy) -> bool:
        # "if channels != self.channels: raise"; whether the graph computes the same is tried later
        return obj.node.target is not operator.ne and bool(super().to_bool(obj))

    def proxy(self, node: fx.Node) -> fx.Proxy:
        return _Proxy(node, self)
