"""An export that went wrong is refused, and nothing is left of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.deployment.export.models import classes
from topwork.deployment.export.export_folder import ParityError, write_export
from topwork.deployment.export.exported_graph import exported_graph
from topwork.deployment.export.preparation import (
    PreparationError,
    check_images,
    check_texts,
    preparation_files,
)
from topwork.deployment.export.target import ONNX

Fault = Callable[[Any], None]


@pytest.fixture(scope="module")
def model(drawn: Path, session_cache: Path) -> Any:
    return classes(drawn, "efficientnet_lite0/64")


def _initializers(made: Any, kind: str, place: int) -> list[Any]:
    """The constants that nodes of a kind take at a place."""
    known = {one.name: one for one in made.graph.initializer}
    names = [node.input[place] for node in made.graph.node if node.op_type == kind]
    return [known[name] for name in names if name in known]


def _changed(tensor: Any, change: Callable[[np.ndarray], np.ndarray]) -> None:
    from onnx import numpy_helper

    values = numpy_helper.to_array(tensor).copy()
    tensor.CopyFrom(numpy_helper.from_array(change(values).astype(values.dtype), tensor.name))


def wrong_mean(made: Any) -> None:
    """What is taken from each channel is 1 % of the range too much."""
    sums = [*_initializers(made, "Sub", 1), *_initializers(made, "Add", 1)]
    of_channels = next(one for one in sums if list(one.dims) == [1, 3, 1, 1])
    _changed(of_channels, lambda values: values + 0.01)


def channels_swapped(made: Any) -> None:
    from onnx import helper, numpy_helper

    made.graph.initializer.append(numpy_helper.from_array(np.array([2, 1, 0]), "swapped"))
    for node in made.graph.node:
        node.input[:] = ["blue_first" if name == "images" else name for name in node.input]
    swap = helper.make_node("Gather", ["images", "swapped"], ["blue_first"], axis=3)
    made.graph.node.insert(0, swap)


def one_kernel(made: Any) -> None:
    _changed(_initializers(made, "Conv", 1)[5], lambda values: values * 1.01)


def one_weight_of_the_head(made: Any) -> None:
    def change(values: np.ndarray) -> np.ndarray:
        largest = np.unravel_index(np.abs(values).argmax(), values.shape)
        values[largest] *= 1.01
        return values

    _changed(_initializers(made, "MatMul", 1)[-1], change)


def no_temperature(made: Any) -> None:
    tensor = _initializers(made, "Div", 1)[-1]
    _changed(tensor, lambda values: values * 1.02)


@pytest.mark.parametrize(
    "fault", [wrong_mean, channels_swapped, one_kernel, one_weight_of_the_head, no_temperature]
)
def test_a_fault_in_the_graph_is_refused(fault: Fault, model, drawn, tmp_path) -> None:
    import onnx

    def write(graph: Any, file: Path) -> None:
        ONNX.write(graph, file)
        made = onnx.load(file)
        fault(made)
        file.write_bytes(made.SerializeToString())

    target = replace(ONNX, write=write)
    with pytest.raises(ParityError, match=r"gives something else in ONNX: .* of its range"):
        write_export(model, exported_graph(model), target, tmp_path / "out", [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "fault",
    [
        {"interpolation": "bilinear"}, {"interpolation": "lanczos"}, {"reducing_gap": None},
        {"geometry": "pad"}, {"geometry": "crop"},
    ],
)  # fmt: skip
def test_another_resize_is_refused(fault, model) -> None:
    told = preparation_files(model).told
    check_images(model, told)
    with pytest.raises(PreparationError, match="grey levels"):
        check_images(model, {**told, **fault})


@pytest.mark.parametrize("geometry", ["pad", "crop"])
def test_every_geometry_is_described(geometry, drawn, session_cache) -> None:
    import topwork as tw

    fitted = tw.ImageClassifier("pixels", geometry=geometry, n_folds=2).fit(drawn)
    assert preparation_files(fitted.model_).told["geometry"] == geometry


def test_fewer_tokens_are_refused(session_cache, tmp_path) -> None:
    from tests.deployment.export.models import texts

    files = preparation_files(texts(tmp_path))
    for name, text in files.files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    check_texts(files, tmp_path)
    files.told["max_length"] -= 1
    with pytest.raises(PreparationError, match="tokens"):
        check_texts(files, tmp_path)
