"""The model in TensorFlow: ``run = opened("model")``, then ``run(inputs)["logits"]``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

VERSION: str = tf.__version__


def opened(file: Path | str) -> Callable[[Any], dict[str, Any]]:
    """What takes inputs ``(n, ...)`` and gives the outputs by their names."""
    model = tf.saved_model.load(str(file))
    signature = model.signatures["serving_default"]

    def run(inputs: Any) -> dict[str, Any]:
        assert model is not None  # its variables go with it
        given = signature(tf.constant(inputs))
        return {name: values.numpy() for name, values in given.items()}

    return run
