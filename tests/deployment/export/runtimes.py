"""Graphs run by the runtimes that they are written for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from topwork.backbones.engines.openvino import core


def in_openvino(model: Any, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Every output, in float32."""
    compiled = core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    request = compiled.create_infer_request()
    request.infer(list(inputs))
    return [np.array(tensor.data) for tensor in request.output_tensors]


def in_onnxruntime(made: Any, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """Every output of an ``onnx.ModelProto``; inputs that it lacks are left out."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        made.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    known = {one.name for one in session.get_inputs()}
    return session.run(None, {name: value for name, value in inputs.items() if name in known})


def without_topwork(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A script of the folder, where topwork can't be imported."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "TOPWORK"))}
    environment.setdefault("KERAS_BACKEND", "torch")
    environment["KERAS_HOME"] = str(folder.parent / "keras")
    code = (
        "import sys, runpy; sys.modules['topwork'] = None; sys.path.insert(0, sys.argv[1]); "
        "sys.argv = sys.argv[2:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-c", code, str(folder), *arguments],
        capture_output=True, text=True, env=environment, cwd=folder.parent, check=False,
    )  # fmt: skip
