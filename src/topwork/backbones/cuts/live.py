"""Which values of a traced network are alive at a point, and which depend on the size only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, fx, nn

BATCH: Final = object()
"""Stands for a number that is the batch size."""

_BATCHES = (2, 3)
_TOLERANCE = 1e-3
_PLAIN = (int, float, bool, str, type(None), torch.dtype)


@dataclass(frozen=True, slots=True)
class Values:
    """What was seen when a graph ran on two batches of different size and content.

    Parameters
    ----------
    shapes
        For every node whose value is a tensor with an entry for every item, the shape of one.
    fixed
        For every node that depends on the input by its size only, its value, or `BATCH`.
    moving
        Nodes that depend on what the input holds, and that the output needs.
    """

    shapes: Mapping[fx.Node, tuple[int, ...]]
    fixed: Mapping[fx.Node, Any]
    moving: frozenset[fx.Node]


def observe(root: nn.Module, graph: fx.Graph, image_shape: tuple[int, int, int]) -> Values | None:
    """Runs a graph twice; ``None`` where it doesn't compute what ``root`` computes."""
    random = torch.Generator().manual_seed(0)
    runs: list[dict[fx.Node, Any]] = []
    for batch in _BATCHES:
        images = torch.rand(batch, *image_shape, generator=random)
        run = fx.Interpreter(root, garbage_collect_values=False, graph=graph)
        with torch.inference_mode():
            try:
                answer = run.run(images)
            except Exception:  # a size of the trace's own batch went into the graph
                return None
            if not _same(answer, root(images)):
                return None
        runs.append(run.env)
    first, second = runs
    dependent = _dependent(graph)
    fixed = {n: _fixed(first[n], second[n]) for n in dependent if _is_fixed(first[n], second[n])}
    shapes = {n: tuple(first[n].shape[1:]) for n in dependent if _is_batch(first[n], second[n])}
    return Values(shapes, fixed, _moving(graph, dependent, fixed))


def single_live(nodes: list[fx.Node], values: Values) -> list[fx.Node | None]:
    """After every node the one that alone is still needed, if it is one batch of tensors."""
    place = {node: i for i, node in enumerate(nodes)}
    last_use = {
        node: max(place[user] for user in node.users if user in values.moving)
        for node in values.moving
        if node.op != "output"
    }
    found: list[fx.Node | None] = []
    alive: set[fx.Node] = set()
    for i, node in enumerate(nodes):
        if node in last_use:
            alive.add(node)
        alive = {n for n in alive if last_use[n] > i}
        only = next(iter(alive)) if len(alive) == 1 else None
        found.append(only if only in values.shapes else None)
    return found


def _dependent(graph: fx.Graph) -> set[fx.Node]:
    """All that is computed from the input, by value or by size."""
    found: set[fx.Node] = set()
    for node in graph.nodes:
        if node.op == "placeholder" or any(n in found for n in node.all_input_nodes):
            found.add(node)
    return found


def _moving(
    graph: fx.Graph, dependent: set[fx.Node], fixed: Mapping[fx.Node, Any]
) -> frozenset[fx.Node]:
    moving: set[fx.Node] = set()
    for node in reversed(graph.nodes):
        needed = node.op == "output" or any(user in moving for user in node.users)
        if needed and node in dependent and node not in fixed:
            moving.add(node)
    return frozenset(moving)


def _is_fixed(first: Any, second: Any) -> bool:
    if isinstance(first, Tensor) and isinstance(second, Tensor):
        return first.shape == second.shape and torch.equal(first, second)
    if isinstance(first, tuple | list) and isinstance(second, tuple | list):
        return _is_plain(first) and list(first) == list(second)
    return _is_plain(first) and (first == second or (first, second) == _BATCHES)


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return all(_is_plain(v) for v in value)
    return isinstance(value, _PLAIN)


def _fixed(first: Any, second: Any) -> Any:
    return first if isinstance(first, Tensor) or (first, second) != _BATCHES else BATCH


def _is_batch(first: Any, second: Any) -> bool:
    return (
        isinstance(first, Tensor)
        and first.ndim > 0
        and (len(first), len(second)) == _BATCHES
        and first.shape[1:] == second.shape[1:]
        and first.is_floating_point()
    )


def _same(a: Tensor, b: Tensor) -> bool:
    return bool((a - b).norm() <= _TOLERANCE * b.norm())
