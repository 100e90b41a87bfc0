"""A Keras model as a chain of torch modules, parted where a single tensor passes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from topwork.backbones.sources.keras.flatten import Call, Program, Value
from topwork.backbones.sources.keras.layers import as_torch
from topwork.backbones.sources.keras.library import on_device


class Segment(nn.Module):
    """Some calls in a row, from one tensor to one tensor; ``pools`` where one pools all pixels."""

    def __init__(self, calls: Sequence[Call], modules: dict[int, nn.Module], start: Value) -> None:
        super().__init__()
        self._start, self._end = start.number, calls[-1].outputs[0].number
        self._calls = [(c.name, c.arguments, c.keywords, c.outputs) for c in calls]
        self.pools = any(type(c.operation).__name__.startswith("Global") for c in calls)
        self.layers = nn.ModuleDict({c.name: modules[id(c.operation)] for c in calls})

    def forward(self, features: Tensor) -> Tensor:
        known = {self._start: features}
        with on_device(features.device):
            for name, arguments, keywords, outputs in self._calls:
                given = [_filled(argument, known) for argument in arguments]
                answer = self.layers[name](*given, **_filled(keywords, known))
                answers = answer if isinstance(answer, list | tuple) else (answer,)
                known |= {v.number: a for v, a in zip(outputs, answers, strict=True)}
        return known[self._end]


def chain(program: Program) -> tuple[nn.Sequential, list[Value]]:
    """The segments of a program, each named after its last layer, and what each one gives."""
    modules: dict[int, nn.Module] = {}
    for call in program.calls:
        if id(call.operation) not in modules:
            modules[id(call.operation)] = as_torch(call.operation)
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    start, ends = program.input, []
    for calls in _parted(program, modules):
        name = calls[-1].name if calls[-1].name not in parts else f"{calls[-1].name}_{len(parts)}"
        parts[name] = Segment(calls, modules, start)
        start = calls[-1].outputs[0]
        ends.append(start)
    return nn.Sequential(parts), ends


def _parted(program: Program, modules: dict[int, nn.Module]) -> list[list[Call]]:
    """The calls between places where one tensor is alive and a kernel or a branch follows."""
    last_use = {v.number: i for i, call in enumerate(program.calls) for v in call.inputs}
    last_use[program.output.number] = len(program.calls)
    parts: list[list[Call]] = [[]]
    alive = {program.input.number}
    for i, call in enumerate(program.calls):
        if len(alive) == 1 and parts[-1] and not _only_pads(parts[-1]):
            branches = last_use[next(iter(alive))] > i
            if branches or _pads(call) or has_kernel(modules[id(call.operation)]):
                parts.append([])
        parts[-1].append(call)
        alive |= {v.number for v in call.outputs}
        alive = {number for number in alive if last_use.get(number, -1) > i}
    return parts


def _only_pads(calls: Sequence[Call]) -> bool:
    return all(_pads(call) for call in calls)


def _pads(call: Call) -> bool:
    return type(call.operation).__name__ == "ZeroPadding2D"


def has_kernel(module: nn.Module) -> bool:
    """Whether a layer mixes channels or pixels, unlike what normalises or scales them."""
    return any(p.dim() > 1 for p in module.parameters())


def _filled(structure: Any, known: dict[int, Tensor]) -> Any:
    if isinstance(structure, Value):
        return known[structure.number]
    if isinstance(structure, list | tuple):
        return type(structure)([_filled(part, known) for part in structure])
    if isinstance(structure, dict):
        return {key: _filled(part, known) for key, part in structure.items()}
    return structure
