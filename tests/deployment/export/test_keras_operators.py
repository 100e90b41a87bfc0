"""Each operator that has a form in Keras gives there what it gives in OpenVINO."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.deployment.export.runtimes import in_openvino
from tests.deployment.export.test_onnx_operators import CASES, VARIANTS, Build
from topwork.backbones.engines.openvino import openvino
from topwork.backbones.sources.keras.library import keras
from topwork.deployment.export.graph_nodes import UnsupportedOperatorError
from topwork.deployment.export.keras_target.emitters import EMITTERS
from topwork.deployment.export.keras_target.writing import keras_model

# Keras asks torch for arrays in the way of NumPy 1
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ops = openvino().opset15

OTHERWISE: dict[str, Build] = {
    "Convolution": lambda x, y, m: ops.convolution(
        m,
        np.sin(np.arange(120, dtype=np.float32)).reshape(5, 4, 3, 2),
        [2, 1],
        [1, 0],
        [0, 2],
        [1, 1],
    ),
    "Convert": lambda x, y, m: ops.convert(ops.greater(x, y), "f32"),
    "ScaledDotProductAttention": lambda x, y, m: ops.scaled_dot_product_attention(m, m, m),
    "AvgPool": lambda x, y, m: ops.avg_pool(m, [1, 2], [0, 0], [0, 0], [3, 2], True),
    "Interpolate": VARIANTS["nearest, scales"],
    "MaxPool": lambda x, y, m: ops.max_pool(
        ops.subtract(m, np.float32(9)), [2, 2], [1, 1], [1, 0], [1, 1], [3, 3], "ceil"
    ).outputs()[0],
    "Equal": lambda x, y, m: ops.select(ops.equal(ops.floor(x), ops.floor(y)), x, y),
}
"""Where that of ONNX is refused, or Keras makes a copy of truth values as numbers."""

MORE: dict[str, Build] = {
    "a bias per channel, as long as rows": lambda x, y, m: ops.add(
        ops.reshape(m, np.array([0, 6, 4, 6]), True), np.float32(range(6)).reshape(1, 6, 1, 1)
    ),
    "padding": lambda x, y, m: ops.convolution(
        m, np.ones((6, 4, 3, 3), np.float32), [2, 2], [0, 0], [0, 0], [1, 1], "same_lower"
    ),
    "one channel each": lambda x, y, m: ops.group_convolution(
        m, np.float32(range(36)).reshape(4, 1, 1, 3, 3), [2, 2], [1, 1], [1, 1], [1, 1]
    ),
    "backwards": lambda x, y, m: ops.slice(
        m, np.array([-1]), np.array([-9]), np.array([-1]), np.array([1])
    ),
    **{name: VARIANTS[name] for name in ("swish alone", "gelu, erf", "reflected")},
}

REFUSED: dict[str, Build] = {
    "ScaledDotProductAttention": CASES["ScaledDotProductAttention"],
    "AvgPool": CASES["AvgPool"],
    "Interpolate": CASES["Interpolate"],
    "Pad": VARIANTS["edge"],
    "Divide": VARIANTS["divided whole numbers"],
    "CumSum": CASES["CumSum"],
    "Convolution": CASES["Convolution"],
}


def _graph(build: Build) -> Any:
    """With one input, which holds all three of the cases."""
    given = ops.parameter([-1, 216], np.float32, name="given")
    x, y, rest = (
        ops.slice(given, np.array([a]), np.array([b]), np.array([1]), np.array([1]))
        for a, b in ((0, 36), (36, 72), (72, 216))
    )
    m = ops.reshape(rest, np.array([0, 4, 6, 6]), True)
    out = build(x, y, m)
    as_numbers = ops.convert(out, "f32")  # Keras adds nothing to truth values
    model = openvino().Model([ops.result(as_numbers)], [given], "one")
    model.inputs[0].get_tensor().set_names({"given"})
    model.outputs[0].get_tensor().set_names({"out"})
    return model


KINDS = {kind: OTHERWISE.get(kind, CASES[kind]) for kind in EMITTERS}


@pytest.mark.parametrize("build", [*KINDS.values(), *MORE.values()], ids=[*KINDS, *MORE])
def test_the_operator_gives_the_same(build, tmp_path) -> None:
    library, model = keras(), _graph(build)
    made = keras_model(library, model)
    made.save(tmp_path / "one.keras")
    again = library.models.load_model(tmp_path / "one.keras")
    for n in (3, 2):
        given = np.random.default_rng(n).normal(size=(n, 216)).astype(np.float32)
        (expected,) = in_openvino(model, [given])
        found = again.predict(given, verbose=0)["out"]
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_case_has_its_operator(kind) -> None:
    assert kind in {op.get_type_name() for op in _graph(KINDS[kind]).get_ops()}


@pytest.mark.parametrize("kind", REFUSED)
def test_an_operator_without_a_form_is_named(kind) -> None:
    with pytest.raises(UnsupportedOperatorError, match=f"The operator {kind} "):
        keras_model(keras(), _graph(REFUSED[kind]))
