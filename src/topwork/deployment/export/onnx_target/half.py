"""An ONNX model whose large weights are stored in float16, and computed with in float32."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

_MIN_VALUES: Final = 256
"""Values of a tensor that are worth a node more."""


def halved(model: Any) -> Any:
    """The same ``onnx.ModelProto``, each large tensor behind a conversion; it is changed."""
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims, dtype=int) < _MIN_VALUES:
            continue
        name, half = tensor.name, f"{tensor.name}/float16"
        with np.errstate(over="ignore"):  # what doesn't fit is seen by the proof
            values = numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(numpy_helper.from_array(values, half))
        casts.append(helper.make_node("Cast", [half], [name], to=TensorProto.FLOAT))
    for cast in reversed(casts):
        model.graph.node.insert(0, cast)
    return model
