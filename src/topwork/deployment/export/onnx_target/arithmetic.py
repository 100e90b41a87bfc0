"""Operators that compute each element by itself, comparisons, and reductions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from topwork.deployment.export.graph_nodes import GraphNode, unsupported
from topwork.deployment.export.onnx_target.onnx_graph import OnnxGraph

Emit = Callable[[OnnxGraph, GraphNode, tuple[str, ...]], tuple[str, ...]]

SAME_NAMED: Final[Mapping[str, str]] = {
    "Add": "Add", "Subtract": "Sub", "Multiply": "Mul", "Divide": "Div", "Power": "Pow",
    "Maximum": "Max", "Minimum": "Min", "Relu": "Relu", "Sigmoid": "Sigmoid", "Tanh": "Tanh",
    "Exp": "Exp", "Log": "Log", "Sqrt": "Sqrt", "Abs": "Abs", "Negative": "Neg", "Floor": "Floor",
    "Ceiling": "Ceil", "Erf": "Erf", "Sin": "Sin", "Cos": "Cos", "Sign": "Sign",
    "SoftPlus": "Softplus", "Mish": "Mish", "HSwish": "HardSwish", "Equal": "Equal",
    "Greater": "Greater", "GreaterEqual": "GreaterOrEqual", "Less": "Less",
    "LessEqual": "LessOrEqual", "LogicalAnd": "And", "LogicalOr": "Or", "LogicalNot": "Not",
    "LogicalXor": "Xor", "Select": "Where",
}  # fmt: skip
"""Operators that ONNX has, too, with the same inputs."""

_REDUCED: Final[Mapping[str, str]] = {
    "ReduceMean": "ReduceMean", "ReduceSum": "ReduceSum", "ReduceMax": "ReduceMax",
    "ReduceMin": "ReduceMin", "ReduceProd": "ReduceProd", "ReduceL1": "ReduceL1",
    "ReduceL2": "ReduceL2",
}  # fmt: skip


def same_named(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    return g.add(SAME_NAMED[node.kind], *x)


def convert(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    return (g.cast(x[0], node.out_types[0]),)


def clamp(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    dtype = node.out_types[0]
    low, high = float(node.attributes["min"]), float(node.attributes["max"])
    bounds = np.finfo(dtype) if np.issubdtype(dtype, np.floating) else np.iinfo(dtype)
    if isinstance(bounds, np.iinfo):
        low, high = np.ceil(low), np.floor(high)
    least, most = (min(max(bound, float(bounds.min)), float(bounds.max)) for bound in (low, high))
    return g.add("Clip", x[0], g.constant(least, dtype), g.constant(most, dtype))


def parametric_relu(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    """Slopes in one dimension are those of the channels."""
    n = node.shapes[1]
    if n is None or len(n) != 1 or node.rank() < 2:
        return g.add("PRelu", *x)
    slopes = g.one("Reshape", x[1], g.shape(-1, *[1] * (node.rank() - 2)))
    return g.add("PRelu", x[0], slopes)


def bitwise(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    """Of truth values what the logical operator gives."""
    of_bits = node.in_types[0] != np.bool_
    return g.add(node.kind if of_bits else node.kind.removeprefix("Bitwise"), *x)


def not_equal(g: OnnxGraph, _: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    return g.add("Not", g.one("Equal", *x))


def squared_difference(g: OnnxGraph, _: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    between = g.one("Sub", *x)
    return g.add("Mul", between, between)


def floor_mod(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    """The remainder with the sign of the divisor."""
    if np.issubdtype(node.out_types[0], np.integer):
        return g.add("Mod", *x, fmod=0)
    whole = g.one("Floor", g.one("Div", *x))
    return g.add("Sub", x[0], g.one("Mul", whole, x[1]))


def swish(g: OnnxGraph, _: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    inner = x[0] if len(x) == 1 else g.one("Mul", *x)
    return g.add("Mul", x[0], g.one("Sigmoid", inner))


def hard_sigmoid(g: OnnxGraph, _: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    return g.add("HardSigmoid", x[0], alpha=1 / 6, beta=0.5)


def elu(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    return g.add("Elu", x[0], alpha=float(node.attributes["alpha"]))


def gelu(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    """x Φ(x), or its approximation with the hyperbolic tangent."""
    dtype = node.out_types[0]
    if str(node.attributes.get("approximation_mode", "ERF")).upper() == "TANH":
        cubed = g.one("Mul", g.one("Mul", x[0], x[0]), x[0])
        inner = g.one("Add", x[0], g.one("Mul", cubed, g.constant(0.044715, dtype)))
        curve = g.one("Tanh", g.one("Mul", inner, g.constant(np.sqrt(2 / np.pi), dtype)))
    else:
        curve = g.one("Erf", g.one("Mul", x[0], g.constant(1 / np.sqrt(2), dtype)))
    half = g.one("Mul", x[0], g.constant(0.5, dtype))
    return g.add("Mul", half, g.one("Add", curve, g.constant(1.0, dtype)))


def rounded(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    if str(node.attributes.get("mode", "half_to_even")) != "half_to_even":
        raise unsupported("Round", "away from zero")
    return g.add("Round", x[0])


def reduced(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    axes = g.constant(node.constant(1).astype(np.int64).reshape(-1))
    keep = int(bool(node.attributes["keep_dims"]))
    return g.add(_REDUCED[node.kind], x[0], axes, keepdims=keep)


def softmax(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    name = "LogSoftmax" if node.kind == "LogSoftmax" else "Softmax"
    return g.add(name, x[0], axis=int(node.attributes["axis"]))


def normalize_l2(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    """x / √max(Σx², ε), or with ε added."""
    dtype = node.out_types[0]
    axes = g.constant(node.constant(1).astype(np.int64).reshape(-1))
    squares = g.one("ReduceSumSquare", x[0], axes, keepdims=1)
    mode = "Max" if str(node.attributes["eps_mode"]).lower() == "max" else "Add"
    bounded = g.one(mode, squares, g.constant(float(node.attributes["eps"]), dtype))
    return g.add("Div", x[0], g.one("Sqrt", bounded))


def mean_variance(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    """(x − mean) / √(variance + ε), or / (√variance + ε)."""
    axes = g.constant(node.constant(1).astype(np.int64).reshape(-1))
    return (
        standardised(
            g, x[0], axes,
            eps=float(node.attributes["eps"]),
            inside=str(node.attributes["eps_mode"]).upper() == "INSIDE_SQRT",
            scaled=bool(node.attributes["normalize_variance"]),
            dtype=node.out_types[0],
        ),
    )  # fmt: skip


def standardised(
    g: OnnxGraph, x: str, axes: str, *, eps: float, inside: bool, scaled: bool, dtype: Any
) -> str:
    """Values with mean 0 and, if wanted, variance 1 along axes."""
    centred = g.one("Sub", x, g.one("ReduceMean", x, axes, keepdims=1))
    if not scaled:
        return centred
    variance = g.one("ReduceMean", g.one("Mul", centred, centred), axes, keepdims=1)
    small = g.constant(eps, dtype)
    if inside:
        return g.one("Div", centred, g.one("Sqrt", g.one("Add", variance, small)))
    return g.one("Div", centred, g.one("Add", g.one("Sqrt", variance), small))


def fake_quantize(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    """Values on one of few levels between bounds, as training with 8 bits sees them."""
    dtype = node.out_types[0]
    value, low, high, out_low, out_high = x
    steps = g.constant(float(int(node.attributes["levels"]) - 1), dtype)
    clipped = g.one("Min", g.one("Max", value, g.one("Min", low, high)), g.one("Max", low, high))
    share = g.one("Div", g.one("Sub", clipped, low), g.one("Sub", high, low))
    level = g.one("Div", g.one("Round", g.one("Mul", share, steps)), steps)
    return g.add("Add", g.one("Mul", level, g.one("Sub", out_high, out_low)), out_low)


ARITHMETIC: Final[Mapping[str, Emit]] = {
    **dict.fromkeys(SAME_NAMED, same_named),
    **dict.fromkeys(_REDUCED, reduced),
    **dict.fromkeys(("BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitwiseNot"), bitwise),
    "Convert": convert,
    "ConvertLike": convert,
    "Clamp": clamp,
    "PRelu": parametric_relu,
    "NotEqual": not_equal,
    "SquaredDifference": squared_difference,
    "FloorMod": floor_mod,
    "Swish": swish,
    "HSigmoid": hard_sigmoid,
    "Elu": elu,
    "Gelu": gelu,
    "Round": rounded,
    "Softmax": softmax,
    "LogSoftmax": softmax,
    "NormalizeL2": normalize_l2,
    "MVN": mean_variance,
    "FakeQuantize": fake_quantize,
}
