"""Operators with weights, windows and attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from topwork.deployment.export.graph_nodes import GraphNode, unsupported
from topwork.deployment.export.onnx_target.arithmetic import Emit, standardised
from topwork.deployment.export.onnx_target.onnx_graph import OnnxGraph
from topwork.deployment.export.onnx_target.shapes import whole

_AUTO: Final = {"same_upper": "SAME_UPPER", "same_lower": "SAME_LOWER", "valid": "VALID"}


def convolution(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    return g.add("Conv", x[0], x[1], **_windows(node))


def group_convolution(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    """Weights (groups, out, in, h, w) become (groups · out, in, h, w)."""
    shape = node.shapes[1]
    if shape is None or min(shape) < 0:
        raise unsupported(node.kind, "its weights have any shape")
    weights = node.constants[1]
    flat = (shape[0] * shape[1], *shape[2:])
    if weights is not None:
        kernel = g.constant(weights.reshape(flat))
    else:
        kernel = g.one("Reshape", x[1], g.shape(*flat))
    return g.add("Conv", x[0], kernel, group=shape[0], **_windows(node))


def _windows(node: GraphNode, kernel: Any = None) -> dict[str, Any]:
    told = node.attributes
    found: dict[str, Any] = {"strides": _list(told["strides"])}
    if "dilations" in told:
        found["dilations"] = _list(told["dilations"])
    if kernel is not None:
        found["kernel_shape"] = _list(kernel)
    auto = str(told.get("auto_pad", "explicit")).lower()
    if auto in _AUTO:
        found["auto_pad"] = _AUTO[auto]
    else:
        found["pads"] = [*_list(told["pads_begin"]), *_list(told["pads_end"])]
    return found


def _list(values: Any) -> list[int]:
    return [int(value) for value in values]


def max_pool(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    windows = _windows(node, node.attributes["kernel"])
    out = g.one("MaxPool", x[0], ceil_mode=_ceil(node), **windows)
    return (out,) * len(node.out_types)


def average_pool(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    windows = _windows(node, node.attributes["kernel"])
    told = node.attributes
    left_out = bool(told.get("exclude-pad", told.get("exclude_pad", True)))
    return g.add(
        "AveragePool", x[0], ceil_mode=_ceil(node), count_include_pad=int(not left_out), **windows
    )


def _ceil(node: GraphNode) -> int:
    return int(str(node.attributes.get("rounding_type", "floor")).lower().startswith("ceil"))


def matmul(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    sides = list(x)
    for place, name in enumerate(("transpose_a", "transpose_b")):
        if bool(node.attributes.get(name, False)) and node.rank(place) > 1:
            order = list(range(node.rank(place)))
            order[-2:] = order[:-3:-1]
            value = node.constants[place]
            if value is not None:
                sides[place] = g.constant(np.transpose(value, order))
            else:
                sides[place] = g.one("Transpose", sides[place], perm=order)
    return g.add("MatMul", *sides)


def attention(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    """softmax(q kᵀ · scale + mask) v; Vaswani et al. 2017, equation 1."""
    if bool(node.attributes.get("causal", False)):
        raise unsupported(node.kind, "with a causal mask")
    dtype = node.out_types[0]
    order = list(range(node.rank(1)))
    order[-2:] = order[:-3:-1]
    scores = g.one("MatMul", x[0], g.one("Transpose", x[1], perm=order))
    if len(x) > 4:
        scale = x[4]
    else:
        width = (node.shapes[0] or (-1,))[-1]
        if width < 0:
            raise unsupported(node.kind, "its width is open")
        scale = g.constant(1 / np.sqrt(width), dtype)
    scores = g.one("Mul", scores, scale)
    if len(x) > 3:
        mask = x[3]
        if node.in_types[3] == np.bool_:
            never = g.constant(float(np.finfo(np.float32).min), dtype)
            mask = g.one("Where", mask, g.constant(0.0, dtype), never)
        scores = g.one("Add", scores, mask)
    return g.add("MatMul", g.one("Softmax", scores, axis=-1), x[2])


def batch_norm(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    return g.add("BatchNormalization", *x, epsilon=float(node.attributes["epsilon"]))


def group_norm(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    """Standardised within groups of channels, then scaled per channel."""
    groups = int(node.attributes["num_groups"])
    rows = g.one("Reshape", x[0], g.shape(0, groups, -1))
    found = standardised(
        g, rows, g.shape(2), eps=float(node.attributes["epsilon"]), inside=True, scaled=True,
        dtype=node.out_types[0],
    )  # fmt: skip
    back = g.one("Reshape", found, g.one("Shape", x[0]))
    wide = g.shape(1, -1, *[1] * (node.rank() - 2))
    scale, shift = (g.one("Reshape", side, wide) for side in x[1:3])
    return g.add("Add", g.one("Mul", back, scale), shift)


def interpolate(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    told = node.attributes
    if any(_list(told.get("pads_begin", []))) or any(_list(told.get("pads_end", []))):
        raise unsupported("Interpolate", "with padding")
    mode = str(told["mode"]).lower().removesuffix("_onnx")
    if mode not in ("nearest", "linear", "cubic"):
        raise unsupported("Interpolate", f"by {mode}")
    axes = node.constant(2).reshape(-1).tolist() if len(x) > 2 else list(range(node.rank()))
    by_size = str(told["shape_calculation_mode"]).lower() == "sizes"
    attributes: dict[str, Any] = {
        "mode": mode,
        "axes": axes,
        "coordinate_transformation_mode": str(told["coordinate_transformation_mode"]).lower(),
        "antialias": int(bool(told.get("antialias", False))),
    }
    if mode == "nearest":
        named = str(told.get("nearest_mode", "round_prefer_floor")).lower()
        attributes["nearest_mode"] = "floor" if named == "simple" else named
    if mode == "cubic":
        attributes["cubic_coeff_a"] = float(told.get("cube_coeff", -0.75))
    wanted = whole(g, node, x, 1) if by_size else x[1]
    return g.add("Resize", x[0], "", *(("", wanted) if by_size else (wanted,)), **attributes)


def grid_sample(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    told = node.attributes
    return g.add(
        "GridSample", *x,
        mode=str(told["mode"]).lower(),
        padding_mode=str(told["padding_mode"]).lower(),
        align_corners=int(bool(told["align_corners"])),
    )  # fmt: skip


def einsum(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    return g.add("Einsum", *x, equation=str(node.attributes["equation"]))


LAYERS: Final[Mapping[str, Emit]] = {
    "Convolution": convolution,
    "GroupConvolution": group_convolution,
    "MaxPool": max_pool,
    "AvgPool": average_pool,
    "MatMul": matmul,
    "ScaledDotProductAttention": attention,
    "BatchNormInference": batch_norm,
    "GroupNormalization": group_norm,
    "Interpolate": interpolate,
    "GridSample": grid_sample,
    "Einsum": einsum,
}
