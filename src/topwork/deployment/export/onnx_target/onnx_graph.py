"""Nodes and constants of an ONNX graph as they are written one after another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

OPSET = 18


class OnnxGraph:
    """What has been written so far."""

    def __init__(self) -> None:
        import onnx
        from onnx import helper, numpy_helper

        self._helper, self._numpy = helper, numpy_helper
        self._types: dict[Any, int] = {
            np.dtype(name): getattr(onnx.TensorProto, code)
            for name, code in (
                ("float32", "FLOAT"), ("float16", "FLOAT16"), ("float64", "DOUBLE"),
                ("int8", "INT8"), ("int16", "INT16"), ("int32", "INT32"), ("int64", "INT64"),
                ("uint8", "UINT8"), ("uint16", "UINT16"), ("uint32", "UINT32"),
                ("uint64", "UINT64"), ("bool", "BOOL"),
            )
        }  # fmt: skip
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self._known: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._n = 0

    def type_of(self, dtype: Any) -> int:
        """The number of a type in ONNX."""
        return self._types[np.dtype(dtype)]

    def add(self, op: str, *inputs: str, n: int = 1, **attributes: Any) -> tuple[str, ...]:
        """Write a node; the names of its outputs."""
        outputs = tuple(self._name(op) for _ in range(n))
        self.nodes.append(self._helper.make_node(op, list(inputs), list(outputs), **attributes))
        return outputs

    def one(self, op: str, *inputs: str, **attributes: Any) -> str:
        """Write a node with one output; its name."""
        return self.add(op, *inputs, **attributes)[0]

    def constant(self, value: ArrayLike, dtype: Any = None) -> str:
        """Write a constant; equal ones are written once."""
        array: NDArray[Any] = np.ascontiguousarray(np.asarray(value, dtype))
        array = array.reshape(np.shape(value))
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._known:
            name = self._name("constant")
            self.initializers.append(self._numpy.from_array(array, name))
            self._known[key] = name
        return self._known[key]

    def shape(self, *sizes: int) -> str:
        """A constant of whole numbers."""
        return self.constant(np.array(sizes, np.int64))

    def cast(self, x: str, dtype: Any) -> str:
        """The same values in another type."""
        return self.one("Cast", x, to=self.type_of(dtype))

    def info(self, name: str, dtype: Any, shape: tuple[int, ...] | None) -> Any:
        """What the model says of an input or output; a first dimension of any size is ``batch``."""
        sizes = None
        if shape is not None:
            sizes = [
                ("batch" if i == 0 else f"{name}_{i}") if n < 0 else n for i, n in enumerate(shape)
            ]
        return self._helper.make_tensor_value_info(name, self.type_of(dtype), sizes)

    def _name(self, op: str) -> str:
        self._n += 1
        return f"{op.lower()}_{self._n}"
