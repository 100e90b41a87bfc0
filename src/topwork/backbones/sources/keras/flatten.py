"""A Keras model as a list of calls: models inside models are opened."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from topwork.backbones.sources.keras.library import keras
from topwork.errors import BackboneError

_NUMBER = re.compile(r"_\d+$")
_FORMAT = "channels_last"
_IMPLIED = ("mask", "training")


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor that passes between calls; of ``shape`` without the batch."""

    number: int
    shape: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One layer or operation, applied once.

    Parameters
    ----------
    name
        The layer's, the same in every process.
    operation
        The layer.
    arguments, keywords
        What it is called with; `Value` wherever a tensor goes in.
    outputs
        What comes out.
    """

    name: str
    operation: Any
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    outputs: tuple[Value, ...]

    @property
    def inputs(self) -> tuple[Value, ...]:
        """Every tensor that goes in."""
        return tuple(values_in((self.arguments, self.keywords)))


@dataclass(frozen=True, slots=True)
class Program:
    """All calls of a model, in order, from its one input to its one output."""

    calls: tuple[Call, ...]
    input: Value
    output: Value


def values_in(structure: Any) -> Iterator[Value]:
    """The values in nested lists, tuples and dictionaries."""
    if isinstance(structure, Value):
        yield structure
    elif isinstance(structure, list | tuple):
        for part in structure:
            yield from values_in(part)
    elif isinstance(structure, dict):
        yield from values_in(list(structure.values()))


def flatten(model: Any, label: str) -> Program:
    """The calls of a functional or sequential model.

    Raises
    ------
    BackboneError
        The model isn't made of layers that are called one after the other, takes something else
        than one colour image, or gives more than one answer.
    """
    functional = _functional(model)
    if functional is None:
        raise BackboneError(
            f"{label} is no functional or sequential model with a known input.",
            remedy="Build it with keras.Input and keras.Model, or call it once before saving.",
        )
    if len(functional.inputs) != 1 or len(functional.outputs) != 1:
        raise BackboneError(
            f"{label} has {len(functional.inputs)} inputs and {len(functional.outputs)} outputs.",
            remedy="Save a model from one image to one output.",
        )
    walk = _Walk(label)
    start = walk.value(functional.inputs[0])
    if len(start.shape) != 3 or start.shape[2] != 3:
        raise BackboneError(
            f"{label} takes inputs of shape {start.shape}, not (height, width, 3).",
            remedy="Choose a model of colour images with the channels last.",
        )
    (end,) = walk.through(functional, [start])
    return Program(tuple(walk.calls), start, end)


class _Walk:
    def __init__(self, label: str) -> None:
        self.calls: list[Call] = []
        self._label = label
        self._count = 0
        self._given: Counter[str] = Counter()
        self._names: dict[int, str] = {}

    def value(self, tensor: Any) -> Value:
        self._count += 1
        return Value(self._count, tuple(tensor.shape[1:]))

    def through(self, functional: Any, inputs: list[Value]) -> list[Value]:
        known = {id(t): v for t, v in zip(functional.inputs, inputs, strict=True)}
        for depth in sorted(functional._nodes_by_depth, reverse=True):
            for node in functional._nodes_by_depth[depth]:
                if not node.is_input:
                    given, keywords = node.arguments.fill_in(known)
                    outputs = self._call(node, given, keywords)
                    known |= {id(t): v for t, v in zip(node.outputs, outputs, strict=True)}
        return [known[id(t)] for t in functional.outputs]

    def _call(self, node: Any, given: tuple[Any, ...], keywords: dict[str, Any]) -> list[Value]:
        operation = node.operation
        inner = _functional(operation)
        if inner is not None:
            return self.through(inner, list(values_in((given, keywords))))
        if getattr(operation, "data_format", _FORMAT) not in {None, _FORMAT}:
            raise BackboneError(
                f"{self._label} keeps the channels of images first.",
                remedy='Build it with data_format="channels_last", which is the default.',
            )
        outputs = [self.value(t) for t in node.outputs]
        name = self._name(operation)
        kept = {key: value for key, value in keywords.items() if key not in _IMPLIED}
        self.calls.append(Call(name, operation, given, kept, tuple(outputs)))
        return outputs

    def _name(self, operation: Any) -> str:
        """The layer's own name; numbers that Keras counts within a process are counted anew."""
        if id(operation) not in self._names:
            name = str(operation.name).replace(".", "_").replace("/", "_")
            stem, kind = _NUMBER.sub("", name), type(operation).__name__.lower()
            is_automatic = stem.replace("_", "") == kind
            base = stem if is_automatic else name
            self._given[base] += 1
            again = self._given[base] - 1
            self._names[id(operation)] = f"{base}_{again}" if is_automatic or again else base
        return self._names[id(operation)]


def _functional(operation: Any) -> Any:
    """The graph of a model, ``None`` where it is something else."""
    library = keras()
    if isinstance(operation, library.Sequential):
        return getattr(operation, "_functional", None)
    is_model = isinstance(operation, library.Model) and hasattr(operation, "_nodes_by_depth")
    return operation if is_model else None
