"""The graph of a model as a list of nodes, its constants computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines.openvino import openvino
from topwork.errors import UserError

Port = tuple[str, int]
"""A node by its name, and which of its outputs."""


class UnsupportedOperatorError(UserError):
    """A graph has an operator that a format has no form for."""


@dataclass(frozen=True, eq=False, slots=True)
class GraphNode:
    """One operation.

    Parameters
    ----------
    name
        Its own in the graph.
    kind
        The operator, as OpenVINO calls it, such as ``Convolution``.
    attributes
        By their names.
    inputs
        Where each input comes from.
    shapes
        Of the inputs; ``None`` where even the number of dimensions is unknown, −1 for any size.
    out_shapes, out_types
        Of the outputs; types as numpy calls them.
    value
        Of a constant.
    constants
        Of each input the value, where that is known.
    """

    name: str
    kind: str
    attributes: dict[str, Any]
    inputs: tuple[Port, ...]
    shapes: tuple[tuple[int, ...] | None, ...]
    in_types: tuple[np.dtype[Any], ...]
    out_shapes: tuple[tuple[int, ...] | None, ...]
    out_types: tuple[np.dtype[Any], ...]
    value: NDArray[Any] | None
    constants: tuple[NDArray[Any] | None, ...]

    def constant(self, place: int) -> NDArray[Any]:
        """The value of an input that has to be known.

        Raises
        ------
        UnsupportedOperatorError
            It is computed from the input of the model.
        """
        found = self.constants[place] if place < len(self.constants) else None
        if found is None:
            raise unsupported(self.kind, f"its input {place} is computed")
        return found

    def rank(self, place: int = 0) -> int:
        """The number of dimensions of an input."""
        shape = self.shapes[place]
        if shape is None:
            raise unsupported(self.kind, "its input has any number of dimensions")
        return len(shape)


def unsupported(kind: str, why: str) -> UnsupportedOperatorError:
    """The error about an operator, and what works instead."""
    return UnsupportedOperatorError(
        f"The operator {kind} can't be written in this format: {why}.",
        remedy="Export to openvino, which every model can be, or fit with another backbone.",
        code="unsupported_operator",
    )


def graph_nodes(model: Any) -> list[GraphNode]:
    """The operations of a graph in an order in which each comes after its inputs.

    Parameters
    ----------
    model
        ``openvino.Model``; it is not changed.

    Examples
    --------
    >>> ov = openvino()
    >>> x = ov.opset13.parameter([-1, 2], np.float32)
    >>> model = ov.Model([ov.opset13.relu(x)], [x])
    >>> [node.kind for node in graph_nodes(model)]
    ['Parameter', 'Relu', 'Result']
    """
    ov = openvino()
    own = model.clone()
    manager = ov.passes.Manager()
    manager.register_pass(ov.passes.ConstantFolding())
    manager.run_passes(own)
    return [_node(op) for op in own.get_ordered_ops()]


def _node(op: Any) -> GraphNode:
    sources = [port.get_source_output() for port in op.inputs()]
    return GraphNode(
        name=op.get_friendly_name(),
        kind=op.get_type_name(),
        attributes=dict(op.get_attributes()),
        inputs=tuple(
            (source.get_node().get_friendly_name(), source.get_index()) for source in sources
        ),
        shapes=tuple(_shape(source.get_partial_shape()) for source in sources),
        in_types=tuple(_type(source) for source in sources),
        out_shapes=tuple(_shape(port.get_partial_shape()) for port in op.outputs()),
        out_types=tuple(_type(port) for port in op.outputs()),
        value=_value(op),
        constants=tuple(_value(source.get_node()) for source in sources),
    )


def _value(op: Any) -> NDArray[Any] | None:
    return np.asarray(op.data) if op.get_type_name() == "Constant" else None


def _shape(shape: Any) -> tuple[int, ...] | None:
    if shape.rank.is_dynamic:
        return None
    return tuple(-1 if dim.is_dynamic else dim.get_length() for dim in shape)


def _type(port: Any) -> np.dtype[Any]:
    kind = port.get_element_type()
    return np.dtype(bool) if kind.get_type_name() == "boolean" else np.dtype(kind.to_dtype())


def named_results(model: Any) -> Sequence[str]:
    """The names of a graph's outputs, in their order."""
    return [
        sorted(port.get_names())[0] if port.get_names() else f"output_{place}"
        for place, port in enumerate(model.outputs)
    ]
