"""A form in Keras for each operator: layers where there are weights, ``keras.ops`` elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from topwork.deployment.export.graph_nodes import GraphNode, unsupported

Emit = Callable[[Any, GraphNode, Sequence[Any]], Any]
"""Of the module ``keras``, the node and its inputs what the node gives, several as a list."""

_BY_NAME: Final[Mapping[str, str]] = {
    "Subtract": "subtract", "Multiply": "multiply", "Power": "power",
    "Maximum": "maximum", "Minimum": "minimum", "Relu": "relu", "Sigmoid": "sigmoid",
    "Tanh": "tanh", "Exp": "exp", "Log": "log", "Sqrt": "sqrt", "Abs": "absolute",
    "Negative": "negative", "Floor": "floor", "Ceiling": "ceil", "Erf": "erf", "Sin": "sin",
    "Cos": "cos", "Sign": "sign", "SoftPlus": "softplus", "Equal": "equal",
    "NotEqual": "not_equal", "Greater": "greater", "GreaterEqual": "greater_equal",
    "Less": "less", "LessEqual": "less_equal", "LogicalAnd": "logical_and",
    "LogicalOr": "logical_or", "LogicalNot": "logical_not", "BitwiseAnd": "logical_and",
    "Select": "where", "Divide": "divide",
}  # fmt: skip

_REDUCED: Final[Mapping[str, str]] = {
    "ReduceMean": "mean", "ReduceSum": "sum", "ReduceMax": "max", "ReduceMin": "min",
}  # fmt: skip


def _by_name(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    if node.kind == "BitwiseAnd" and node.in_types[0] != np.bool_:
        raise unsupported(node.kind, "of whole numbers")
    if node.kind == "Divide" and not np.issubdtype(node.out_types[0], np.floating):
        raise unsupported(node.kind, "of whole numbers")
    return getattr(keras.ops, _BY_NAME[node.kind])(*x)


def _add(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    """A constant is taken away with the other sign, which gives the same.

    Keras 3.15 on TensorFlow adds a vector of channels along the last axis where that is as long.
    """
    for place in (1, 0):
        value = node.constants[place]
        if value is not None and value.ndim > 1:
            return keras.ops.subtract(x[1 - place], -value)
    return keras.ops.add(*x)


def _axes(node: GraphNode, place: int = 1) -> tuple[int, ...]:
    return tuple(int(axis) for axis in node.constant(place).reshape(-1))


def _reduced(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    keep = bool(node.attributes["keep_dims"])
    return getattr(keras.ops, _REDUCED[node.kind])(x[0], axis=_axes(node), keepdims=keep)


def _reduced_l2(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    keep = bool(node.attributes["keep_dims"])
    squares = keras.ops.sum(keras.ops.square(x[0]), axis=_axes(node), keepdims=keep)
    return keras.ops.sqrt(squares)


def _convert(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    return keras.ops.cast(x[0], node.out_types[0].name)


def _clamp(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    low, high = float(node.attributes["min"]), float(node.attributes["max"])
    if (low, high) == (0.0, 6.0):
        return keras.ops.relu6(x[0])
    bounds = np.finfo(np.float32)
    return keras.ops.clip(x[0], max(low, float(bounds.min)), min(high, float(bounds.max)))


def _squared_difference(keras: Any, _: GraphNode, x: Sequence[Any]) -> Any:
    return keras.ops.square(keras.ops.subtract(*x))


def _swish(keras: Any, _: GraphNode, x: Sequence[Any]) -> Any:
    inner = x[0] if len(x) == 1 else keras.ops.multiply(*x)
    return keras.ops.multiply(x[0], keras.ops.sigmoid(inner))


def _gelu(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    approximate = str(node.attributes.get("approximation_mode", "ERF")).upper() == "TANH"
    return keras.ops.gelu(x[0], approximate=approximate)


def _softmax(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    return keras.ops.softmax(x[0], axis=int(node.attributes["axis"]))


def _normalize_l2(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    squares = keras.ops.sum(keras.ops.square(x[0]), axis=_axes(node), keepdims=True)
    least = np.float32(node.attributes["eps"])
    largest = str(node.attributes["eps_mode"]).lower() == "max"
    join = keras.ops.maximum if largest else keras.ops.add
    return keras.ops.divide(x[0], keras.ops.sqrt(join(squares, least)))


def _mean_variance(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    axes, eps = _axes(node), np.float32(node.attributes["eps"])
    centred = keras.ops.subtract(x[0], keras.ops.mean(x[0], axis=axes, keepdims=True))
    if not node.attributes["normalize_variance"]:
        return centred
    variance = keras.ops.mean(keras.ops.square(centred), axis=axes, keepdims=True)
    if str(node.attributes["eps_mode"]).upper() == "INSIDE_SQRT":
        return keras.ops.divide(centred, keras.ops.sqrt(keras.ops.add(variance, eps)))
    return keras.ops.divide(centred, keras.ops.add(keras.ops.sqrt(variance), eps))


def _transpose(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    order = _axes(node) or tuple(range(node.rank()))[::-1]
    return keras.ops.transpose(x[0], order)


def _shaped(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    """Into the shape that the graph gives, in which no more than one size may be open."""
    shape = node.out_shapes[0]
    if shape is None or sum(size < 0 for size in shape) > 1:
        raise unsupported(node.kind, "more than one size is open")
    return keras.ops.reshape(x[0], shape)


def _concat(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    return keras.ops.concatenate(list(x), axis=int(node.attributes["axis"]))


def _split(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    axis, n = int(node.constant(1).reshape(())), int(node.attributes["num_splits"])
    return keras.ops.split(x[0], n, axis=axis)


def _slice(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    begin, end, step = (node.constant(place).reshape(-1) for place in (1, 2, 3))
    axes = _axes(node, 4) if len(x) > 4 else tuple(range(len(begin)))
    forwards, out = [slice(None)] * node.rank(), x[0]
    for axis, *ends in zip(axes, begin, end, step, strict=True):
        part = _part(*(int(one) for one in ends))
        if part.step > 0:
            forwards[axis] = part
            continue
        size = (node.shapes[0] or ())[axis]
        if size < 0:
            raise unsupported(node.kind, "backwards along the batch")
        # not every backend steps backwards
        places = np.arange(size, dtype=np.int32)[part]
        out = keras.ops.take(out, places, axis=axis)
    return out[tuple(forwards)]


def _part(first: int, last: int, pace: int) -> slice:
    far = 2**31 - 2
    if pace > 0:
        return slice(first or None, None if last > far else last, pace)
    return slice(None if first > far else first, None if last < -far else last, pace)


def _gather(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    if int(node.attributes.get("batch_dims", 0)):
        raise unsupported(node.kind, "with dimensions of a batch")
    axis = int(node.constant(2).reshape(()))
    places = node.constants[1]
    return keras.ops.take(x[0], x[1] if places is None else places.astype(np.int32), axis=axis)


def _pad(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    mode = str(node.attributes.get("pad_mode", "constant")).lower()
    if mode not in ("constant", "reflect"):
        raise unsupported(node.kind, f"by {mode}")
    sides = [
        (int(before), int(after))
        for before, after in zip(_axes(node, 1), _axes(node, 2), strict=True)
    ]
    value = (
        {"constant_values": float(node.constant(3))} if mode == "constant" and len(x) > 3 else {}
    )
    return keras.ops.pad(x[0], sides, mode=mode, **value)


def _matmul(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    sides = list(x)
    weights = node.constants[1]
    flipped = [bool(node.attributes.get(name, False)) for name in ("transpose_a", "transpose_b")]
    if weights is not None and weights.ndim == 2 and not flipped[0] and node.rank() > 1:
        kernel = np.ascontiguousarray(weights.T if flipped[1] else weights)
        dense = keras.layers.Dense(kernel.shape[1], use_bias=False)
        return _with_weights(dense, kernel)(x[0])
    for place, flip in enumerate(flipped):
        if flip and node.rank(place) > 1:
            order = list(range(node.rank(place)))
            order[-2:] = order[:-3:-1]
            value = node.constants[place]
            sides[place] = (
                np.transpose(value, order)
                if value is not None
                else keras.ops.transpose(sides[place], order)
            )
    return keras.ops.matmul(*sides)


def _with_weights(layer: Any, kernel: Any) -> Callable[[Any], Any]:
    def call(x: Any) -> Any:
        out = layer(x)
        layer.set_weights([kernel])
        return out

    return call


def _attention(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    if node.attributes.get("causal", False) or len(x) > 3:
        raise unsupported(node.kind, "with a mask")
    width = (node.shapes[0] or (-1,))[-1]
    order = list(range(node.rank(1)))
    order[-2:] = order[:-3:-1]
    scores = keras.ops.matmul(x[0], keras.ops.transpose(x[1], order))
    scores = keras.ops.multiply(scores, np.float32(1 / np.sqrt(width)))
    return keras.ops.matmul(keras.ops.softmax(scores, axis=-1), x[2])


_LAST: Final = (0, 2, 3, 1)
_FIRST: Final = (0, 3, 1, 2)


def _windowed(keras: Any, node: GraphNode, x: Any, kernel: Sequence[int], fill: float) -> Any:
    """Channels last, with the padding that the node asks for."""
    begins, ends = _paddings(node, kernel)
    last = keras.ops.transpose(x, _LAST)
    if not any([*begins, *ends]):
        return last
    sides = [(0, 0), *((int(a), int(b)) for a, b in zip(begins, ends, strict=True)), (0, 0)]
    return keras.ops.pad(last, sides, mode="constant", constant_values=fill)


def _paddings(node: GraphNode, kernel: Sequence[int]) -> tuple[list[int], list[int]]:
    """Before and behind each dimension of the image."""
    told, sizes = node.attributes, (node.shapes[0] or ())[2:]
    auto = str(told.get("auto_pad", "explicit")).lower()
    if auto == "valid":
        return [0] * len(sizes), [0] * len(sizes)
    if auto not in ("same_upper", "same_lower"):
        begins, ends = list(told["pads_begin"]), list(told["pads_end"])
        if str(told.get("rounding_type", "floor")).lower().startswith("ceil"):
            for i, pace in enumerate(told["strides"]):
                ends[i] += -(sizes[i] + begins[i] + ends[i] - kernel[i]) % pace
        return begins, ends
    apart = told.get("dilations", [1] * len(sizes))
    around = [
        max((-(-size // pace) - 1) * pace + (window - 1) * gap + 1 - size, 0)
        for size, pace, window, gap in zip(sizes, told["strides"], kernel, apart, strict=True)
    ]
    less, more = [one // 2 for one in around], [one - one // 2 for one in around]
    return (less, more) if auto == "same_upper" else (more, less)


def _convolution(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    weights = node.constant(1)  # (out, in, h, w)
    if weights.ndim != 4:
        raise unsupported(node.kind, "in other than two dimensions")
    layer = keras.layers.Conv2D(
        weights.shape[0], weights.shape[2:], data_format="channels_last", **_paces(node)
    )
    out = _with_weights(layer, weights.transpose(2, 3, 1, 0))(
        _windowed(keras, node, x[0], weights.shape[2:], 0.0)
    )
    return keras.ops.transpose(out, _FIRST)


def _group_convolution(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    weights = node.constant(1)  # (groups, out, in, h, w)
    groups, out, wide, height, width = weights.shape
    inner = _windowed(keras, node, x[0], (height, width), 0.0)
    paces = _paces(node)
    even = len(set(paces["strides"])) == 1
    if wide == 1 and even:
        layer = keras.layers.DepthwiseConv2D(
            (height, width), depth_multiplier=out, data_format="channels_last", **paces
        )
        kernel = weights[:, :, 0].transpose(2, 3, 0, 1)
    else:
        layer = keras.layers.Conv2D(
            groups * out, (height, width), groups=groups, data_format="channels_last", **paces
        )
        kernel = weights.reshape(groups * out, wide, height, width).transpose(2, 3, 1, 0)
    return keras.ops.transpose(_with_weights(layer, kernel)(inner), _FIRST)


def _paces(node: GraphNode) -> dict[str, Any]:
    told = node.attributes
    if max(told["strides"]) > 1 and max(told["dilations"]) > 1:
        raise unsupported(node.kind, "with strides and dilations")
    return {
        "strides": tuple(int(one) for one in told["strides"]),
        "dilation_rate": tuple(int(one) for one in told["dilations"]),
        "padding": "valid",
        "use_bias": False,
    }


def _max_pool(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    kernel = tuple(int(one) for one in node.attributes["kernel"])
    lowest = float(np.finfo(np.float32).min)
    inner = _windowed(keras, node, x[0], kernel, lowest)
    strides = tuple(int(one) for one in node.attributes["strides"])
    out = keras.ops.max_pool(inner, kernel, strides, "valid", "channels_last")
    return [keras.ops.transpose(out, _FIRST)] * len(node.out_types)


def _average_pool(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    told = node.attributes
    if any([*told["pads_begin"], *told["pads_end"]]) or str(
        told.get("rounding_type", "floor")
    ).lower().startswith("ceil"):
        raise unsupported(node.kind, "with padding")
    kernel = tuple(int(one) for one in told["kernel"])
    strides = tuple(int(one) for one in told["strides"])
    inner = keras.ops.transpose(x[0], _LAST)
    out = keras.ops.average_pool(inner, kernel, strides, "valid", "channels_last")
    return keras.ops.transpose(out, _FIRST)


def _interpolate(keras: Any, node: GraphNode, x: Sequence[Any]) -> Any:
    """Each element several times; other ways to resize differ between backends."""
    told, before, after = node.attributes, node.shapes[0], node.out_shapes[0]
    if str(told["mode"]).lower() != "nearest" or before is None or after is None:
        raise unsupported(node.kind, "other than by repeating elements")
    out = x[0]
    for axis, (a, b) in enumerate(zip(before, after, strict=True)):
        if a != b:
            if a < 0 or b % a:
                raise unsupported(node.kind, "other than by repeating elements")
            out = keras.ops.repeat(out, b // a, axis=axis)
    return out


EMITTERS: Final[Mapping[str, Emit]] = {
    **dict.fromkeys(_BY_NAME, _by_name),
    **dict.fromkeys(_REDUCED, _reduced),
    "Add": _add,
    "ReduceL2": _reduced_l2,
    "Convert": _convert,
    "Clamp": _clamp,
    "SquaredDifference": _squared_difference,
    "Swish": _swish,
    "Gelu": _gelu,
    "Softmax": _softmax,
    "NormalizeL2": _normalize_l2,
    "MVN": _mean_variance,
    "Transpose": _transpose,
    "Reshape": _shaped,
    "Squeeze": _shaped,
    "Unsqueeze": _shaped,
    "Concat": _concat,
    "Split": _split,
    "Slice": _slice,
    "Gather": _gather,
    "Pad": _pad,
    "MatMul": _matmul,
    "ScaledDotProductAttention": _attention,
    "Convolution": _convolution,
    "GroupConvolution": _group_convolution,
    "MaxPool": _max_pool,
    "AvgPool": _average_pool,
    "Interpolate": _interpolate,
}
"""How each operator is written."""
