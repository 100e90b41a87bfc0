"""The cuts of a network: places where one tensor is live, found from the network's own structure.

The network is traced once with `torch.fx` at the level of its stages and blocks, which stay the
modules they are; so both halves can be trained, adapted and exported like the whole.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType
from typing import Any

from torch import fx, nn

from topwork.backbones.backbone import POOLED, Cut, Cuts
from topwork.backbones.cuts.live import Values, observe, single_live
from topwork.backbones.cuts.part import WRAPPED, part
from topwork.backbones.cuts.tracing import Detail, trace

_ENOUGH = 4
_MAX = 12
"""Cuts offered beside the pooled one."""


def find_cuts(
    pooling: nn.Module,
    image_shape: tuple[int, int, int],
    *,
    opaque: tuple[Callable[..., Any], ...] = (),
) -> Cuts | None:
    """The cuts of a network; ``None`` where its calls can't be traced.

    A cut is called after the module that ends there. Stages are named, or blocks where there are
    too few stages; the end of any other module may be asked for where one tensor is alive there.

    Parameters
    ----------
    pooling
        Holds the network as ``model`` and gives images ``(b, 3, h, w)`` the pooled vector.
    image_shape
        ``(3, h, w)``.
    opaque
        Functions whose inside can't be traced.
    """
    best: TracedCuts | None = None
    for detail in (Detail.STAGES, Detail.BLOCKS):
        root = copy.copy(pooling)  # the tracer leaves constants behind
        graph = trace(root, detail, opaque)
        values = None if graph is None else observe(root, graph, image_shape)
        if graph is None or values is None:
            continue
        found = TracedCuts(root, graph, values)
        if best is None or len(found.names) > len(best.names):
            best = found
        if len(best.names) >= _ENOUGH:
            break
    return best


class TracedCuts:
    """The cuts that a traced network has.

    Attributes
    ----------
    names
        From early to late.
    last_maps
        Where the last layers with weights end, if one tensor is alive there.
    """

    def __init__(self, root: nn.Module, graph: fx.Graph, values: Values) -> None:
        self._root = root
        self._graph = graph
        self._values = values
        places = _places(root, graph, values)
        self._nodes = {name: place.node for place in places for name in place.names}
        self.names = _chosen([place for place in places if not place.last])
        self.last_maps = tuple(max(place.names, key=len) for place in places if place.last)

    def __contains__(self, name: str) -> bool:
        return name in self._nodes

    def cut(self, name: str) -> Cut:
        node = self._nodes[name]
        return Cut(
            shape=self._values.shapes[node],
            before=self._part(self._images, node),
            to_pooled=self._part(node, self._pooled, self._values.fixed),
        )

    def before(self, names: tuple[str, ...]) -> nn.Module:
        nodes = [self._pooled if name == POOLED else self._nodes[name] for name in names]
        return self._part(self._images, tuple(nodes))

    def between(self, start: str, names: tuple[str, ...]) -> nn.Module:
        nodes = tuple(self._nodes[name] for name in names)
        return self._part(self._nodes[start], nodes, self._values.fixed)

    @property
    def _images(self) -> fx.Node:
        return _first(self._graph, "placeholder")

    @property
    def _pooled(self) -> fx.Node:
        return _first(self._graph, "output").all_input_nodes[0]

    def _part(
        self,
        start: fx.Node,
        end: fx.Node | tuple[fx.Node, ...],
        fixed: Mapping[fx.Node, Any] = MappingProxyType({}),
    ) -> nn.Module:
        return part(self._root, self._graph, (start, end), fixed=fixed)


def _first(graph: fx.Graph, op: str) -> fx.Node:
    node: fx.Node = next(n for n in graph.nodes if n.op == op)
    return node


@dataclass(frozen=True, slots=True)
class _Place:
    """A node whose tensor is the only one alive, and the modules that end there."""

    node: fx.Node
    names: tuple[str, ...]
    last: bool
    """Whether no module with weights comes behind it."""

    @property
    def outermost(self) -> int:
        """How deep the outermost of the modules lies."""
        return min(name.count(".") for name in self.names)

    def named(self, depth: int) -> str:
        """The innermost of the modules that lies no deeper than ``depth``."""
        return max((n for n in self.names if n.count(".") <= depth), key=lambda n: n.count("."))


def _places(root: nn.Module, graph: fx.Graph, values: Values) -> list[_Place]:
    nodes = list(graph.nodes)
    live = single_live(nodes, values)
    calls = [i for i, node in enumerate(nodes) if node.op == "call_module"]
    ends = {name: i for i in calls for name in _enclosing(str(nodes[i].target))}
    last = max((i for i in calls if _has_parameters(root, str(nodes[i].target))), default=0)
    found: dict[fx.Node, list[str]] = {}
    behind: set[fx.Node] = set()
    for start, stop in zip(calls, [*calls[1:], len(nodes)], strict=True):
        names = [n for n, end in ends.items() if end == start and _is_stage(root, n)]
        single = next((live[i] for i in range(start, stop) if live[i] is not None), None)
        if names and single is not None and start <= last:
            if start == last and single not in found:
                behind.add(single)
            found.setdefault(single, []).extend(n.removeprefix(WRAPPED) for n in names)
    return [_Place(node, tuple(names), node in behind) for node, names in found.items()]


def _enclosing(target: str) -> Iterator[str]:
    """``a``, ``a.b`` and ``a.b.c`` for ``a.b.c``."""
    parts = target.split(".")
    return (".".join(parts[:i]) for i in range(1, len(parts) + 1))


def _has_parameters(root: nn.Module, target: str) -> bool:
    return any(True for _ in root.get_submodule(target).parameters())


def _is_stage(root: nn.Module, name: str) -> bool:
    """A module of several layers; not the network itself, nor a list that is never called."""
    module = root.get_submodule(name)
    return (
        f"{name}." != WRAPPED
        and not isinstance(module, nn.ModuleList)
        and any(True for child in module.children() for _ in child.parameters())
    )


def _chosen(places: list[_Place]) -> tuple[str, ...]:
    """The outermost modules that give enough places; where too many, their last ones and a few."""
    depths = sorted({name.count(".") for place in places for name in place.names})
    outer: list[_Place] = []
    for depth in depths:
        chosen = [place for place in places if place.outermost <= depth]
        if len(chosen) >= _ENOUGH or depth == depths[-1]:
            return tuple(place.named(depth) for place in _thinned(chosen, outer))
        outer = chosen
    return ()


def _thinned(chosen: list[_Place], outer: list[_Place]) -> list[_Place]:
    """All outer places, and of the others as many as may be offered, evenly, rather late ones."""
    inner = [place for place in chosen if place not in outer]
    room = _MAX - len(outer)
    if len(inner) > room:
        inner = [inner[ceil(k * len(inner) / room) - 1] for k in range(1, room + 1)]
    return [place for place in chosen if place in outer or place in inner]
