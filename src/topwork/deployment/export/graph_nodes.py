"""The graph of a model as a list of nodes, its constants computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines.openvino import openvino
from topwork.errors import UserError

Port = tuple[str, int]
"""A node by its name, and which of its outputs."""


class UnsupportedOperatorError(UserError):
    """A graph has an operator that a format has no form for.

    Parameters
    ----------
    kind
        Which, as OpenVINO calls it.
    why
        What can't be written.
    """

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(
            f"The operator {kind} can't be written in this format: {why}.",
            remedy="Export to openvino, which every model can be, or fit with another backbone.",
            code="unsupported_operator",
        )
        self.kind, self.why = kind, why


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
    return UnsupportedOperatorError(kind, why)


@dataclass(frozen=True, eq=False, slots=True)
class GraphOutput:
    """What a graph gives.

    Parameters
    ----------
    name
        Unique in the graph.
    port
        Where it comes from.
    shape, dtype
        As of the outputs of a node.
    """

    name: str
    port: Port
    shape: tuple[int, ...] | None
    dtype: np.dtype[Any]


@dataclass(frozen=True, eq=False, slots=True)
class NodeGraph:
    """A graph.

    Parameters
    ----------
    nodes
        Each comes after its inputs.
    inputs
        The names of the inputs by the nodes that stand for them, in their order.
    outputs
        In their order.
    """

    nodes: tuple[GraphNode, ...]
    inputs: dict[str, str]
    outputs: tuple[GraphOutput, ...]


def graph_nodes(model: Any) -> NodeGraph:
    """A graph, what doesn't depend on its input computed.

    Parameters
    ----------
    model
        ``openvino.Model``; it is not changed.

    Examples
    --------
    >>> ops = openvino().opset13
    >>> x = ops.parameter([-1, 2], np.float32)
    >>> model = openvino().Model([ops.relu(ops.add(x, np.float32(1)))], [x])
    >>> [node.kind for node in graph_nodes(model).nodes]
    ['Parameter', 'Constant', 'Add', 'Relu', 'Result']
    """
    own = model.clone()
    openvino()
    from openvino import passes

    manager = passes.Manager()
    manager.register_pass(passes.ConstantFolding())
    manager.run_passes(own)
    ops = own.get_ordered_ops()
    values = {op.get_name(): _value(op) for op in ops}
    results = [result.inputs()[0].get_source_output() for result in own.results]
    return NodeGraph(
        nodes=tuple(_node(op, values) for op in ops),
        inputs={
            port.get_node().get_name(): _named(port, f"input_{i}")
            for i, port in enumerate(own.inputs)
        },
        outputs=tuple(
            GraphOutput(
                name=_named(port, f"output_{i}"),
                port=_port(source),
                shape=_shape(source.get_partial_shape()),
                dtype=_type(source),
            )
            for i, (port, source) in enumerate(zip(own.outputs, results, strict=True))
        ),
    )


def _node(op: Any, values: Mapping[str, NDArray[Any] | None]) -> GraphNode:
    sources = [port.get_source_output() for port in op.inputs()]
    ports = tuple(_port(source) for source in sources)
    return GraphNode(
        name=op.get_name(),
        kind=op.get_type_name(),
        attributes=dict(op.get_attributes()),
        inputs=ports,
        shapes=tuple(_shape(source.get_partial_shape()) for source in sources),
        in_types=tuple(_type(source) for source in sources),
        out_shapes=tuple(_shape(port.get_partial_shape()) for port in op.outputs()),
        out_types=tuple(_type(port) for port in op.outputs()),
        value=values[op.get_name()],
        constants=tuple(values[name] for name, _ in ports),
    )


def _port(source: Any) -> Port:
    return source.get_node().get_name(), source.get_index()


def _named(port: Any, usual: str) -> str:
    names = sorted(port.get_names())
    return names[0] if names else usual


def _value(op: Any) -> NDArray[Any] | None:
    return np.asarray(op.data) if op.get_type_name() == "Constant" else None


def _shape(shape: Any) -> tuple[int, ...] | None:
    if shape.rank.is_dynamic:
        return None
    return tuple(-1 if dim.is_dynamic else dim.get_length() for dim in shape)


def _type(port: Any) -> np.dtype[Any]:
    kind = port.get_element_type()
    return np.dtype(bool) if kind.get_type_name() == "boolean" else np.dtype(kind.to_dtype())
