"""Each operator that can be written gives in ONNX Runtime what it gives in OpenVINO."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from tests.deployment.export.runtimes import in_onnxruntime, in_openvino
from topwork.backbones.engines.openvino import openvino
from topwork.deployment.export.graph_nodes import UnsupportedOperatorError
from topwork.deployment.export.onnx_target.writing import OPERATORS, onnx_model

ops = openvino().opset15
Build = Callable[..., Any]


def _two(op: Build) -> Build:
    return lambda x, y, m: op(x, y)


def _one(op: Build) -> Build:
    return lambda x, y, m: op(x)


def _compared(op: Build) -> Build:
    return lambda x, y, m: op(x, ops.multiply(ops.floor(y), np.float32(1)))


def _truths(op: Build) -> Build:
    return lambda x, y, m: op(ops.greater(x, np.float32(0)), ops.greater(y, np.float32(0)))


def _along(op: Build, *, keep: bool = False) -> Build:
    return lambda x, y, m: op(x, np.array([1]), keep)


def _whole(x: Any) -> Any:
    return ops.convert(ops.multiply(x, np.float32(20)), "i32")


def _dynamic_mask(x: Any) -> Any:
    """(b, 1, 6, 6) of truth values."""
    rows = ops.reshape(x, np.array([0, 1, 6, 6]), True)
    return ops.greater(rows, np.float32(-0.5))


def _weights(*shape: int) -> Any:
    values = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    return ops.constant(values)


def _quantised(x: Any, levels: int = 256) -> Any:
    low, high = np.float32(-1.5), np.float32(1.2)
    return ops.fake_quantize(x, low, high, low, high, levels)


def _pooled(x: Any, *, ceil: str = "floor", pad: int = 1, exclude: bool = True) -> Any:
    return ops.avg_pool(x, [2, 2], [pad] * 2, [pad] * 2, [3, 3], exclude, ceil)


def _heads(x: Any) -> Any:
    return ops.reshape(x, np.array([0, 1, 6, 6]), True)


def _broadcast_to(x: Any) -> Any:
    n = ops.gather(ops.shape_of(x), np.array([0]), np.array(0))
    return ops.broadcast(np.ones((1, 5), np.float32), ops.concat([n, np.array([5])], 0))


def _range(x: Any) -> Any:
    n = ops.squeeze(ops.gather(ops.shape_of(x), np.array([0]), np.array(0)), np.array([0]))
    return ops.range(np.array(0), n, np.array(1), "f32")


# x, y: (b, 36), values around 0; m: (b, 4, 6, 6)
CASES: Mapping[str, Build] = {
    **{
        kind: _two(getattr(ops, name))
        for kind, name in (
            ("Add", "add"), ("Subtract", "subtract"), ("Multiply", "multiply"),
            ("Divide", "divide"), ("Maximum", "maximum"), ("Minimum", "minimum"),
            ("SquaredDifference", "squared_difference"),
        )
    },
    "Power": lambda x, y, m: ops.power(ops.absolute(x), y),
    "FloorMod": lambda x, y, m: ops.floor_mod(x, y),
    **{
        kind: _one(getattr(ops, name))
        for kind, name in (
            ("Relu", "relu"), ("Sigmoid", "sigmoid"), ("Tanh", "tanh"), ("Exp", "exp"),
            ("Abs", "absolute"), ("Negative", "negative"), ("Floor", "floor"),
            ("Ceiling", "ceiling"), ("Erf", "erf"), ("Sin", "sin"), ("Cos", "cos"),
            ("Sign", "sign"), ("SoftPlus", "softplus"), ("Mish", "mish"), ("HSwish", "hswish"),
            ("HSigmoid", "hsigmoid"),
        )
    },
    "Log": lambda x, y, m: ops.log(ops.exp(x)),
    "Sqrt": lambda x, y, m: ops.sqrt(ops.absolute(x)),
    **{
        kind: _compared(getattr(ops, name))
        for kind, name in (
            ("Equal", "equal"), ("NotEqual", "not_equal"), ("Greater", "greater"),
            ("GreaterEqual", "greater_equal"), ("Less", "less"), ("LessEqual", "less_equal"),
        )
    },
    **{
        kind: _truths(getattr(ops, name))
        for kind, name in (
            ("LogicalAnd", "logical_and"), ("LogicalOr", "logical_or"),
            ("LogicalXor", "logical_xor"), ("BitwiseAnd", "bitwise_and"),
            ("BitwiseOr", "bitwise_or"), ("BitwiseXor", "bitwise_xor"),
        )
    },
    "LogicalNot": lambda x, y, m: ops.logical_not(ops.greater(x, y)),
    "BitwiseNot": lambda x, y, m: ops.bitwise_not(ops.greater(x, y)),
    "Select": lambda x, y, m: ops.select(ops.greater(x, y), x, np.float32(3)),
    "PRelu": lambda x, y, m: ops.prelu(m, np.array([0.1, 0.2, -0.3, 2], np.float32)),
    **{
        kind: _along(getattr(ops, name), keep=keep)
        for kind, name, keep in (
            ("ReduceMean", "reduce_mean", True), ("ReduceSum", "reduce_sum", False),
            ("ReduceMax", "reduce_max", False), ("ReduceMin", "reduce_min", True),
            ("ReduceProd", "reduce_prod", False), ("ReduceL1", "reduce_l1", True),
            ("ReduceL2", "reduce_l2", False),
        )
    },
    "Convert": lambda x, y, m: ops.convert(ops.convert(x, "i32"), "f32"),
    "ConvertLike": lambda x, y, m: ops.convert_like(_whole(x), y),
    "Clamp": lambda x, y, m: ops.clamp(x, -0.5, 0.75),
    "Swish": lambda x, y, m: ops.swish(x, np.float32(1.5)),
    "Elu": lambda x, y, m: ops.elu(x, 0.7),
    "Gelu": lambda x, y, m: ops.gelu(x, "tanh"),
    "Round": lambda x, y, m: ops.round(ops.multiply(x, np.float32(2.5)), "half_to_even"),
    "Softmax": lambda x, y, m: ops.softmax(m, 1),
    "LogSoftmax": lambda x, y, m: ops.log_softmax(x, -1),
    "NormalizeL2": lambda x, y, m: ops.normalize_l2(m, np.array([1]), 1e-3, "add"),
    "MVN": lambda x, y, m: ops.mvn(m, np.array([2, 3]), True, 1e-3, "outside_sqrt"),
    "FakeQuantize": lambda x, y, m: _quantised(x),
    "Transpose": lambda x, y, m: ops.transpose(m, np.array([0, 2, 3, 1])),
    "Reshape": lambda x, y, m: ops.reshape(m, np.array([0, 2, -1]), True),
    "Squeeze": lambda x, y, m: ops.squeeze(_heads(x), np.array([1])),
    "Unsqueeze": lambda x, y, m: ops.unsqueeze(x, np.array([1, -1])),
    "Concat": lambda x, y, m: ops.concat([x, y], -1),
    "Split": lambda x, y, m: ops.split(x, 1, 3).outputs()[1],
    "VariadicSplit": lambda x, y, m: ops.variadic_split(x, 1, np.array([5, -1, 3])).outputs()[1],
    "Slice": lambda x, y, m: ops.slice(
        m, np.array([-1, 1]), np.array([-7, 5]), np.array([-2, 2]), np.array([3, 2])
    ),
    "StridedSlice": lambda x, y, m: ops.strided_slice(
        m, np.array([0, 1, 0, 3]), np.array([0, 2, 4, 4]), np.array([1, 1, 2, 1]),
        [1, 0, 1, 0], [1, 0, 0, 1], [0, 0, 0, 0], [0, 1, 0, 0],
    ),
    "Gather": lambda x, y, m: ops.gather(m, np.array([2, 0]), np.array(1)),
    "GatherElements": lambda x, y, m: ops.gather_elements(
        ops.reshape(x, np.array([-1]), False), np.array([3, 1, 0]), 0
    ),
    "GatherND": lambda x, y, m: ops.gather_nd(m, np.array([[0, 3], [1, 2]]), 0),
    "ShapeOf": lambda x, y, m: ops.shape_of(m),
    "Broadcast": lambda x, y, m: _broadcast_to(x),
    "Tile": lambda x, y, m: ops.tile(x, np.array([1, 3])),
    "Pad": lambda x, y, m: ops.pad(m, np.array([0, 0, 1, 0]), np.array([0, 0, 0, 2]), "constant",
                                   np.float32(7)),
    "Range": lambda x, y, m: _range(x),
    "TopK": lambda x, y, m: ops.topk(x, np.array(5), 1, "max", "value").outputs()[0],
    "CumSum": lambda x, y, m: ops.cum_sum(x, np.array(1), True, False),
    "DepthToSpace": lambda x, y, m: ops.depth_to_space(m, "blocks_first", 2),
    "Convolution": lambda x, y, m: ops.convolution(
        m, _weights(5, 4, 3, 2), [2, 1], [1, 0], [0, 2], [1, 2]
    ),
    "GroupConvolution": lambda x, y, m: ops.group_convolution(
        m, _weights(2, 3, 2, 3, 3), [1, 1], [0, 0], [0, 0], [1, 1], "same_upper"
    ),
    "MaxPool": lambda x, y, m: ops.max_pool(
        m, [2, 2], [1, 1], [0, 0], [1, 1], [3, 3], "ceil"
    ).outputs()[0],
    "AvgPool": lambda x, y, m: _pooled(m),
    "MatMul": lambda x, y, m: ops.matmul(m, _weights(9, 6), False, True),
    "ScaledDotProductAttention": lambda x, y, m: ops.scaled_dot_product_attention(
        _heads(x), _heads(y), _heads(x), _dynamic_mask(y)
    ),
    "BatchNormInference": lambda x, y, m: ops.batch_norm_inference(
        m, np.arange(4, dtype=np.float32), np.float32([1, 2, 3, 4]), np.float32([0, 1, 0, 1]),
        np.float32([1, 2, 1, 0.5]), 1e-3,
    ),
    "GroupNormalization": lambda x, y, m: ops.group_normalization(
        m, np.float32([1, 2, 3, 4]), np.float32([0, 1, 0, 1]), 2, 1e-3
    ),
    "Interpolate": lambda x, y, m: ops.interpolate(
        m, np.array([9, 4]), "linear_onnx", "sizes", axes=np.array([2, 3]),
        coordinate_transformation_mode="half_pixel",
    ),
    "GridSample": lambda x, y, m: ops.grid_sample(
        m, ops.reshape(ops.tanh(x), np.array([0, 6, 3, 2]), True),
        {"align_corners": True, "mode": "bilinear", "padding_mode": "border"},
    ),
    "Einsum": lambda x, y, m: ops.einsum([m, m], "bchw,bdhw->bcd"),
}  # fmt: skip

VARIANTS: Mapping[str, Build] = {
    "attention, added mask": lambda x, y, m: ops.scaled_dot_product_attention(
        _heads(x), _heads(y), _heads(x), _heads(y)
    ),
    "split, open axis": lambda x, y, m: ops.split(
        ops.reshape(x, np.array([-1]), False), 0, 4
    ).outputs()[3],
    "swish alone": lambda x, y, m: ops.swish(x),
    "gelu, erf": lambda x, y, m: ops.gelu(x, "erf"),
    "l2, largest": lambda x, y, m: ops.normalize_l2(x, np.array([1]), 1e-30, "max"),
    "remainder of whole numbers": lambda x, y, m: ops.floor_mod(_whole(x), np.int32(7)),
    "divided whole numbers": lambda x, y, m: ops.divide(_whole(x), np.int32(7)),
    "clamped whole numbers": lambda x, y, m: ops.clamp(_whole(x), -5.0, 7.0),
    "topk, places": lambda x, y, m: ops.topk(x, np.array(5), 1, "min", "value").outputs()[1],
    "pooled, ceil": lambda x, y, m: _pooled(m, ceil="ceil", pad=0),
    "pooled, with padding": lambda x, y, m: _pooled(m, exclude=False),
    "reduced, all axes": lambda x, y, m: ops.reduce_max(m, np.array([2, 3]), False),
    "matmul, both turned": lambda x, y, m: ops.matmul(m, m, True, False),
    "nearest, scales": lambda x, y, m: ops.interpolate(
        m, np.float32([2, 2]), "nearest", "scales", axes=np.array([2, 3]),
        coordinate_transformation_mode="asymmetric", nearest_mode="floor",
    ),
    "cubic": lambda x, y, m: ops.interpolate(
        m, np.array([8, 11]), "cubic", "sizes", axes=np.array([2, 3]),
        coordinate_transformation_mode="align_corners",
    ),
    "reflected": lambda x, y, m: ops.pad(m, np.array([0, 0, 1, 2]), np.array([0, 0, 3, 1]),
                                         "reflect"),
    "edge": lambda x, y, m: ops.pad(m, np.array([0, 0, 1, 2]), np.array([0, 0, 3, 1]), "edge"),
    "new axis": lambda x, y, m: ops.strided_slice(
        x, np.array([0, 0, 2]), np.array([0, 0, 9]), np.array([1, 1, 3]),
        [1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0],
    ),
    "depth first": lambda x, y, m: ops.depth_to_space(m, "depth_first", 2),
}  # fmt: skip


def _graph(build: Build) -> Any:
    x, y = (ops.parameter([-1, 36], np.float32, name=name) for name in "xy")
    m = ops.parameter([-1, 4, 6, 6], np.float32, name="m")
    model = openvino().Model([ops.result(build(x, y, m))], [x, y, m], "one")
    for place, name in enumerate("xym"):
        model.inputs[place].get_tensor().set_names({name})
    return model


def _inputs(n: int) -> list[np.ndarray]:
    rng = np.random.default_rng(n)
    return [rng.normal(size=(n, *shape)).astype(np.float32) for shape in ((36,), (36,), (4, 6, 6))]


@pytest.mark.parametrize("build", [*CASES.values(), *VARIANTS.values()], ids=[*CASES, *VARIANTS])
def test_the_operator_gives_the_same(build) -> None:
    model = _graph(build)
    made = onnx_model(model)
    for n in (3, 2):
        inputs = _inputs(n)
        (expected,) = in_openvino(model, inputs)
        (found,) = in_onnxruntime(made, dict(zip("xym", inputs, strict=True)))
        assert found.shape == expected.shape
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=2e-5)


def test_every_operator_has_a_case() -> None:
    assert set(CASES) == set(OPERATORS)


@pytest.mark.parametrize("kind", CASES)
def test_a_case_has_its_operator(kind) -> None:
    assert kind in {op.get_type_name() for op in _graph(CASES[kind]).get_ops()}


REFUSED: Mapping[str, Build] = {
    "ScaledDotProductAttention": lambda x, y, m: ops.scaled_dot_product_attention(
        _heads(x), _heads(y), _heads(x), causal=True
    ),
    "Acos": _one(ops.acos),
    "Round": lambda x, y, m: ops.round(x, "half_away_from_zero"),
    "Broadcast": lambda x, y, m: ops.broadcast(
        np.ones(4, np.float32), ops.shape_of(m), np.array([1]), "explicit"
    ),
    "Gather": lambda x, y, m: ops.gather(x, _whole(ops.relu(x)), np.array(1), 1),
    "Interpolate": lambda x, y, m: ops.interpolate(
        m, np.array([9, 4]), "bilinear_pillow", "sizes", axes=np.array([2, 3])
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_an_operator_without_a_form_is_named(kind) -> None:
    with pytest.raises(UnsupportedOperatorError, match=f"The operator {kind} .*openvino"):
        onnx_model(_graph(REFUSED[kind]))
