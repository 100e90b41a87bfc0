"""The model in OpenVINO: ``run = opened("model.xml")``, then ``run(inputs)["logits"]``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def version() -> str:
    """Of the runtime that is installed."""
    import openvino

    return str(openvino.__version__.partition("-")[0])


# some processors would compute in bfloat16 by themselves
FLOAT32 = {"INFERENCE_PRECISION_HINT": "f32"}


def opened(file: Path | str) -> Callable[[Any], dict[str, Any]]:
    """What takes inputs ``(n, ...)`` and gives the outputs by their names."""
    import openvino

    compiled = openvino.Core().compile_model(str(file), "CPU", FLOAT32)
    names = [output.get_any_name() for output in compiled.outputs]

    def run(inputs: Any) -> dict[str, Any]:
        given = compiled([inputs])
        return {name: given[name].copy() for name in names}

    return run
