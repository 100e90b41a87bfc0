"""A graph as an ONNX model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from topwork.deployment.export.graph_nodes import GraphNode, Port, graph_nodes, unsupported
from topwork.deployment.export.onnx_target.arithmetic import ARITHMETIC, Emit
from topwork.deployment.export.onnx_target.layers import LAYERS
from topwork.deployment.export.onnx_target.onnx_graph import OPSET, OnnxGraph
from topwork.deployment.export.onnx_target.shapes import SHAPES

OPERATORS: Final[Mapping[str, Emit]] = {**ARITHMETIC, **SHAPES, **LAYERS}
"""How each operator is written."""

IR_VERSION: Final = 10
"""Of the file, which runtimes of the last two years read."""


def onnx_model(model: Any, *, notes: Mapping[str, str] | None = None) -> Any:
    """The same graph as an ``onnx.ModelProto``: inputs and outputs have the same names and types.

    Parameters
    ----------
    model
        ``openvino.Model``.
    notes
        Texts that are kept in the file.

    Raises
    ------
    UnsupportedOperatorError
        An operator has no form in ONNX.
    """
    from onnx import checker, helper

    read, g = graph_nodes(model), OnnxGraph()
    names: dict[Port, str] = {}
    inputs = {}
    for node in read.nodes:
        if node.kind == "Parameter":
            name = names[node.name, 0] = read.inputs[node.name]
            inputs[name] = g.info(name, node.out_types[0], node.out_shapes[0])
        elif node.kind == "Constant":
            assert node.value is not None
            names[node.name, 0] = g.constant(node.value, node.out_types[0])
        elif node.kind != "Result":
            found = _emitted(g, node, tuple(names[port] for port in node.inputs))
            names.update({(node.name, place): name for place, name in enumerate(found)})
    for one in read.outputs:
        g.nodes.append(helper.make_node("Identity", [names[one.port]], [one.name]))
    outputs = [g.info(one.name, one.dtype, one.shape) for one in read.outputs]
    graph = helper.make_graph(
        g.nodes, "topwork", [inputs[name] for name in read.inputs.values()], outputs, g.initializers
    )
    made = helper.make_model(
        graph,
        producer_name="topwork",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )
    for key, text in (notes or {}).items():
        entry = made.metadata_props.add()
        entry.key, entry.value = key, text
    checker.check_model(made)
    return made


def _emitted(g: OnnxGraph, node: GraphNode, inputs: tuple[str, ...]) -> tuple[str, ...]:
    emit = OPERATORS.get(node.kind)
    if emit is None:
        raise unsupported(node.kind, "it has no form there")
    return emit(g, node, inputs)
