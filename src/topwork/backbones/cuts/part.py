"""A part of a traced network as a module of its own, which holds the network's own submodules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, fx, nn

from topwork.backbones.cuts.live import BATCH

WRAPPED = "model."
"""Where a pooling module holds the network; names of cuts and tensors leave it out."""


def part(
    root: nn.Module,
    graph: fx.Graph,
    ends: tuple[fx.Node, fx.Node | tuple[fx.Node, ...]],
    *,
    fixed: Mapping[fx.Node, Any],
) -> nn.Module:
    """What leads from one node of a graph to another, or to several.

    Parameters
    ----------
    root
        Holds the submodules and tensors that the graph names.
    ends
        The first node and the last one or ones.
    fixed
        Nodes that are not computed again, and their values; `BATCH` stands for the batch size.
    """
    start, goal = ends
    needed = _needed(start, goal if isinstance(goal, tuple) else (goal,), fixed)
    copied = fx.Graph()
    begin = copied.placeholder("features")
    copies: dict[fx.Node, Any] = {start: begin}
    held: dict[str, Any] = {}
    for node in graph.nodes:
        if node is start or node not in needed:
            continue
        if node in fixed:
            copies[node] = _literal(begin, fixed[node], held)
            continue
        copies[node] = new = copied.node_copy(node, lambda n: copies[n])
        if node.op in {"call_module", "get_attr"}:
            new.target = str(node.target).removeprefix(WRAPPED)
            held[new.target] = _attribute(root, str(node.target))
    copied.output(tuple(copies[n] for n in goal) if isinstance(goal, tuple) else copies[goal])
    return fx.GraphModule(held, copied).eval()


def _needed(
    start: fx.Node, goals: tuple[fx.Node, ...], fixed: Mapping[fx.Node, Any]
) -> set[fx.Node]:
    needed: set[fx.Node] = set()
    waiting = list(goals)
    while waiting:
        node = waiting.pop()
        if node in needed:
            continue
        needed.add(node)
        if node is not start and node not in fixed:
            waiting.extend(node.all_input_nodes)
    return needed


def _literal(begin: fx.Node, value: Any, held: dict[str, Any]) -> Any:
    graph = begin.graph
    if value is BATCH:
        return graph.call_method("size", (begin, 0))
    if not isinstance(value, Tensor):
        return value
    name = f"constant_{len(held)}"
    held[name] = value.clone()
    return graph.get_attr(name)


def _attribute(root: nn.Module, target: str) -> Any:
    path, _, name = target.rpartition(".")
    return getattr(root.get_submodule(path), name)
