"""A graph as an ONNX model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from topwork.deployment.export.graph_nodes import GraphNode, Port, graph_nodes, named_results
from topwork.deployment.export.graph_nodes import unsupported as _unsupported
from topwork.deployment.export.onnx_target.arithmetic import ARITHMETIC, Emit
from topwork.deployment.export.onnx_target.layers import LAYERS
from topwork.deployment.export.onnx_target.onnx_graph import OPSET, OnnxGraph
from topwork.deployment.export.onnx_target.shapes import SHAPES

OPERATORS: Final[Mapping[str, Emit]] = {**ARITHMETIC, **SHAPES, **LAYERS}
"""How each operator is written."""

IR_VERSION: Final = 10
"""Of the file, which runtimes of the last two years read."""

_GIVEN: Final = ("Parameter", "Constant", "Result")


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

    g = OnnxGraph()
    names: dict[Port, str] = {}
    inputs, outputs = [], []
    nodes = graph_nodes(model)
    given = [_name(port, f"input_{i}") for i, port in enumerate(model.inputs)]
    results = list(named_results(model))
    for node in nodes:
        if node.kind == "Parameter":
            name = given[len(inputs)]
            names[node.name, 0] = name
            inputs.append(_info(g, helper, name, node))
        elif node.kind == "Constant":
            assert node.value is not None
            names[node.name, 0] = g.constant(node.value, node.out_types[0])
        elif node.kind == "Result":
            continue
        else:
            emit = OPERATORS.get(node.kind)
            if emit is None:
                raise _unsupported(node.kind, "it has no form there")
            found = emit(g, node, tuple(names[port] for port in node.inputs))
            names.update({(node.name, place): name for place, name in enumerate(found)})
    for place, result in enumerate(model.results):
        source = result.inputs()[0].get_source_output()
        port = source.get_node().get_friendly_name(), source.get_index()
        node = next(n for n in nodes if n.kind == "Result" and n.inputs[0] == port)
        g.nodes.append(helper.make_node("Identity", [names[port]], [results[place]]))
        outputs.append(_info(g, helper, results[place], node))
    graph = helper.make_graph(g.nodes, "topwork", inputs, outputs, g.initializers)
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


def _name(port: Any, usual: str) -> str:
    names = sorted(port.get_names())
    return names[0] if names else usual


def _info(g: OnnxGraph, helper: Any, name: str, node: GraphNode) -> Any:
    shape = node.out_shapes[0]
    sizes = None
    if shape is not None:
        sizes = [("batch" if i == 0 else f"dim_{i}") if n < 0 else n for i, n in enumerate(shape)]
    return helper.make_tensor_value_info(name, g.type_of(node.out_types[0]), sizes)
