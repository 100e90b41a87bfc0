"""The model in TensorFlow: ``run = opened("model")``, then ``run(inputs)["logits"]``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any


def version() -> str:
    """Of the runtime that is installed."""
    for name in ("tensorflow", "tensorflow-cpu"):
        with suppress(metadata.PackageNotFoundError):
            return metadata.version(name)
    return "of another source"


def opened(file: Path | str) -> Callable[[Any], dict[str, Any]]:
    """What takes inputs ``(n, ...)`` and gives the outputs by their names."""
    import tensorflow as tf

    model = tf.saved_model.load(str(file))
    signature = model.signatures["serving_default"]

    def run(inputs: Any) -> dict[str, Any]:
        assert model is not None  # its variables go with it
        given = signature(tf.constant(inputs))
        return {name: values.numpy() for name, values in given.items()}

    return run
