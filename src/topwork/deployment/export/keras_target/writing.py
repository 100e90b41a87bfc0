"""A graph as a functional model of Keras, and as what TensorFlow makes of that.

``python -m topwork.deployment.export.keras_target.writing GRAPH.xml FILE FORMAT`` does the latter:
the backend of Keras is chosen once per process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np

from topwork.backbones.engines.openvino import core, openvino
from topwork.deployment.export.graph_nodes import (
    GraphNode,
    Port,
    UnsupportedOperatorError,
    graph_nodes,
    unsupported,
)
from topwork.deployment.export.keras_target.emitters import EMITTERS
from topwork.errors import BackboneError

_MARK: Final = "\t"
"""Between an operator and why it has no form, as the other process says it."""


def keras_model(keras: Any, graph: Any) -> Any:
    """The same graph as a ``keras.Model`` with named outputs.

    Parameters
    ----------
    keras
        The module.
    graph
        ``openvino.Model`` with one input.

    Raises
    ------
    UnsupportedOperatorError
        An operator has no form in Keras.
    """
    read = graph_nodes(graph)
    nodes = {node.name: node for node in read.nodes}
    ((parameter, name),) = read.inputs.items()
    shape = nodes[parameter].out_shapes[0]
    if shape is None or min(shape[1:]) < 0:
        raise unsupported("Parameter", "the length of texts is open")
    given = keras.Input(shape[1:], dtype=nodes[parameter].out_types[0].name, name=name)
    made: dict[Port, Any] = {(parameter, 0): given}
    for node in read.nodes:
        if node.kind == "Constant":
            assert node.value is not None
            made[node.name, 0] = np.ascontiguousarray(node.value)
        elif node.kind not in ("Parameter", "Result") and _needed(node):
            found = _emitted(keras, given, node, [made.get(port) for port in node.inputs])
            several = found if isinstance(found, list) else [found]
            made.update({(node.name, place): one for place, one in enumerate(several)})
    outputs = {one.name: keras.ops.add(made[one.port], np.float32(0)) for one in read.outputs}
    return keras.Model(given, outputs, name="topwork")


def _needed(node: GraphNode) -> bool:
    """Whether it isn't about shapes, which are known but for the batch."""
    return not np.issubdtype(node.out_types[0], np.int64)


def _emitted(keras: Any, given: Any, node: GraphNode, inputs: list[Any]) -> Any:
    if node.kind == "Broadcast":
        return _per_item(keras, given, node)
    emit = EMITTERS.get(node.kind)
    if emit is None:
        raise unsupported(node.kind, "it has no form there")
    return emit(keras, node, inputs)


def _per_item(keras: Any, given: Any, node: GraphNode) -> Any:
    """A constant for each item of the batch."""
    shape = node.out_shapes[0]
    if shape is None or min(shape[1:]) < 0:
        raise unsupported(node.kind, "more than one size is open")
    first = keras.ops.reshape(given, (-1, int(np.prod(given.shape[1:]))))[:, :1]
    nothing = keras.ops.multiply(keras.ops.cast(first, "float32"), np.float32(0))
    wide = keras.ops.reshape(nothing, (-1, *[1] * (len(shape) - 1)))
    return keras.ops.add(wide, np.broadcast_to(node.constant(0), (1, *shape[1:])))


def write_by_tensorflow(graph: Any, file: Path, form: str) -> None:
    """Write what TensorFlow makes of a model, in a process whose Keras has that backend.

    Parameters
    ----------
    form
        ``tf_saved_model`` or ``litert``.

    Raises
    ------
    UnsupportedOperatorError
        An operator has no form in Keras, or TensorFlow can't write the model.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "graph.xml"
        openvino().save_model(graph, source, compress_to_fp16=False)
        environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
        ran = subprocess.run(
            [sys.executable, "-m", __name__, str(source), str(file), form],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if ran.returncode:
        lines = ran.stderr.strip().splitlines() or ["nothing was said"]
        kind, mark, why = lines[-1].partition(_MARK)
        if mark:
            raise unsupported(kind, why)
        raise BackboneError(
            f"TensorFlow can't write this model ({lines[-1].rstrip('.')}).",
            remedy="Export to onnx or openvino.",
            code="no_graph",
        )


def _write(source: str, file: str, form: str) -> None:
    import keras

    try:
        made = keras_model(keras, core().read_model(source))
    except UnsupportedOperatorError as error:
        sys.exit(f"{error.kind}{_MARK}{error.why}")
    made.export(file, format=form, verbose=False)


if __name__ == "__main__":
    _write(*sys.argv[1:])
