"""The model in LiteRT: ``run = opened("model.tflite")``, then ``run(inputs)["logits"]``."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np


def version() -> str:
    """Of the runtime that is installed."""
    return metadata.version("ai-edge-litert")


def opened(file: Path | str) -> Callable[[Any], dict[str, Any]]:
    """What takes inputs ``(n, ...)`` and gives the outputs by their names."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(file))
    ((_, told),) = interpreter.get_signature_list().items()
    signature, (name,) = interpreter.get_signature_runner(), told["inputs"]

    def run(inputs: Any) -> dict[str, Any]:
        given = [signature(**{name: inputs[i : i + 1]}) for i in range(len(inputs))]
        return {one: np.concatenate([row[one] for row in given]) for one in told["outputs"]}

    return run
