"""The formats that models are exported to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from topwork.backbones.engines.openvino import openvino
from topwork.deployment.export.keras_target.writing import keras_model, write_by_tensorflow
from topwork.deployment.export.onnx_target.half import halved
from topwork.deployment.export.onnx_target.writing import onnx_model
from topwork.deployment.export.parity import HALF_TOLERANCE, TOLERANCE
from topwork.deployment.export.running import Run, opened_apart
from topwork.deployment.export.serving.graph_servers import (
    MODEL_FILE,
    OVMS_NOTE,
    TRITON_NOTE,
    ovms_files,
    triton_files,
)
from topwork.errors import ParameterError


def _nothing(graph: Any) -> Mapping[str, str]:  # noqa: ARG001
    return {}


@dataclass(frozen=True, slots=True)
class Target:
    """A format, and the runtime that a model in it is checked with.

    Parameters
    ----------
    name
        As the user calls it.
    title, runtime
        What the format and its runtime are called in sentences.
    packages
        What has to be installed to write it and to run it.
    recipe
        The module that runs it: what goes with the model as ``runtime.py``.
    file
        What the model's file or folder is called.
    write
        Writes an ``openvino.Model`` there, and other files beside it.
    apart
        Whether it is run by another process: TensorFlow and PyTorch don't always get on in one.
    beside
        Further files of a graph, what each holds.
    note
        What its README says besides.
    write_half
        Writes it with weights in float16; ``None`` where the format has no such form here.
    tolerance
        Largest difference of an output that is allowed, as a share of its range.
    """

    name: str
    title: str
    runtime: str
    packages: tuple[str, ...]
    recipe: str
    file: str
    write: Callable[[Any, Path], None]
    apart: bool = False
    beside: Callable[[Any], Mapping[str, str]] = _nothing
    note: str = ""
    write_half: Callable[[Any, Path], None] | None = None
    tolerance: float = TOLERANCE

    def half(self) -> Target:
        """The same with weights in float16.

        Raises
        ------
        ParameterError
            There is no such form.
        """
        if self.write_half is None:
            raise ParameterError(
                f"Weights in float16 are not written for {self.title}.",
                remedy="Leave --half out, or export to onnx, openvino, ovms or triton.",
                code="no_half",
            )
        return replace(self, write=self.write_half, tolerance=HALF_TOLERANCE)

    @property
    def version(self) -> str:
        """Of the runtime that is installed."""
        return str(import_module(self.recipe).version())

    def opened(self, file: Path) -> Run:
        """A model that was written, in its runtime."""
        if self.apart:
            return opened_apart(self.recipe, file)
        run: Run = import_module(self.recipe).opened(file)
        return run


def _write_onnx(graph: Any, file: Path, *, half: bool = False) -> None:
    made = onnx_model(graph)
    file.write_bytes((halved(made) if half else made).SerializeToString(deterministic=True))


def _write_openvino(graph: Any, file: Path, *, half: bool = False) -> None:
    openvino().save_model(graph, file, compress_to_fp16=half)


def _write_keras(graph: Any, file: Path) -> None:
    from topwork.backbones.sources.keras.library import keras

    keras_model(keras(), graph).save(file)


def _write_saved_model(graph: Any, file: Path) -> None:
    write_by_tensorflow(graph, file, "tf_saved_model")


def _write_litert(graph: Any, file: Path) -> None:
    write_by_tensorflow(graph, file, "litert")


_RECIPES: Final = "topwork.deployment.export.recipes"

ONNX: Final = Target(
    name="onnx",
    title="ONNX",
    runtime="onnxruntime",
    packages=("onnx", "onnxruntime"),
    recipe=f"{_RECIPES}.onnx_runtime",
    file="model.onnx",
    write=_write_onnx,
    write_half=partial(_write_onnx, half=True),
)

OPENVINO: Final = Target(
    name="openvino",
    title="OpenVINO",
    runtime="openvino",
    packages=("openvino",),
    recipe=f"{_RECIPES}.openvino_runtime",
    file="model.xml",
    write=_write_openvino,
    write_half=partial(_write_openvino, half=True),
)

KERAS: Final = Target(
    name="keras",
    title="Keras",
    runtime="keras",
    packages=("torch", "keras"),
    recipe=f"{_RECIPES}.keras_runtime",
    file="model.keras",
    write=_write_keras,
)

SAVED_MODEL: Final = Target(
    name="savedmodel",
    title="TensorFlow",
    runtime="tensorflow",
    packages=("keras", "tensorflow"),
    recipe=f"{_RECIPES}.tensorflow_runtime",
    file="model",
    write=_write_saved_model,
    apart=True,
)

LITERT: Final = Target(
    name="litert",
    title="LiteRT",
    runtime="ai-edge-litert",
    packages=("keras", "tensorflow", "ai_edge_litert"),
    recipe=f"{_RECIPES}.litert_runtime",
    file="model.tflite",
    write=_write_litert,
    apart=True,
)

_SERVED: Final = replace(OPENVINO, file=MODEL_FILE)

OVMS: Final = replace(
    _SERVED, name="ovms", title="OpenVINO Model Server", beside=ovms_files, note=OVMS_NOTE
)

TRITON: Final = replace(
    _SERVED, name="triton", title="Triton", beside=triton_files, note=TRITON_NOTE
)

TARGETS: Final = {
    target.name: target for target in (ONNX, OPENVINO, KERAS, SAVED_MODEL, LITERT, OVMS, TRITON)
}
"""All of them, by their names."""
