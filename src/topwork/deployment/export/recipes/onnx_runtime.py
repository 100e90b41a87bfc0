"""The model in ONNX Runtime: ``run = opened("model.onnx")``, then ``run(inputs)["logits"]``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def version() -> str:
    """Of the runtime that is installed."""
    import onnxruntime

    return str(onnxruntime.__version__)


def opened(file: Path | str) -> Callable[[Any], dict[str, Any]]:
    """What takes inputs ``(n, ...)`` and gives the outputs by their names."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    names = [output.name for output in session.get_outputs()]
    return lambda inputs: dict(zip(names, session.run(None, {name: inputs}), strict=True))
