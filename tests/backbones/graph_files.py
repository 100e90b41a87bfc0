"""Small ONNX files of each kind that a network may be saved as."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

KERNEL = np.random.default_rng(0).normal(size=(8, 3, 3, 3)).astype(np.float32) / 5
HEAD = np.random.default_rng(1).normal(size=(8, 4)).astype(np.float32)


def _constant(name: str, value: Any) -> Any:
    return numpy_helper.from_array(np.asarray(value), name)


def write(
    file: Path,
    *,
    shape: tuple[Any, ...] = ("n", 3, 32, 32),
    kind: int = TensorProto.FLOAT,
    scale: float = 1.0,
    outputs: tuple[str, ...] = ("features", "logits"),
    more: tuple[Any, ...] = (),
) -> Path:
    """A convolution, its means ``features``, and ``logits``; ``maps`` are what it gives.

    Parameters
    ----------
    scale
        What the graph divides pixels by.
    more
        Further nodes.
    """
    last = shape[-1] == 3
    nodes = [
        helper.make_node("Cast", ["image"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["real", "scale"], ["scaled"]),
        *([helper.make_node("Transpose", ["scaled"], ["first"], perm=[0, 3, 1, 2])] * last),
        helper.make_node(
            "Conv", ["first" if last else "scaled", "kernel"], ["raw"], strides=[2, 2]
        ),
        helper.make_node("Relu", ["raw"], ["maps"]),
        helper.make_node("ReduceMean", ["maps", "places"], ["features"], keepdims=0),
        helper.make_node("MatMul", ["features", "head"], ["logits"]),
        *more,
    ]
    sides = {"features": ["n", 8], "logits": ["n", 4], "maps": ["n", 8, "y", "x"]}
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("image", kind, shape)],
        [
            helper.make_tensor_value_info(o, TensorProto.FLOAT, sides.get(o, ["n", 4]))
            for o in outputs
        ],
        [
            _constant("kernel", KERNEL),
            _constant("head", HEAD),
            _constant("scale", np.float32(scale)),
            _constant("places", np.array([2, 3])),
        ],
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("mine", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), file)
    return file


def write_plain(file: Path, shape: tuple[Any, ...], kind: int = TensorProto.FLOAT) -> Path:
    """A graph that gives back what it takes."""
    graph = helper.make_graph(
        [helper.make_node("Identity", ["image"], ["out"])],
        "plain",
        [helper.make_tensor_value_info("image", kind, shape)],
        [helper.make_tensor_value_info("out", kind, shape)],
    )
    opsets = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), file)
    return file


def expected(images: np.ndarray, *, low: float, high: float) -> np.ndarray:
    """The features of bytes ``(b, h, w, 3)`` that are brought to ``low``..``high``."""
    values = low + images.astype(np.float64) / 255 * (high - low)
    windows = np.lib.stride_tricks.sliding_window_view(values, (3, 3), axis=(1, 2))[:, ::2, ::2]
    maps = np.maximum(np.einsum("bhwcij,ocij->bohw", windows, KERNEL), 0)
    return np.asarray(maps.mean((2, 3)))
