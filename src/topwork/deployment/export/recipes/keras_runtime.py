"""The model in Keras: ``run = opened("model.keras")``, then ``run(inputs)["logits"]``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def version() -> str:
    """Of the runtime that is installed."""
    import keras

    return str(keras.__version__)


def opened(file: Path | str) -> Callable[[Any], dict[str, Any]]:
    """What takes inputs ``(n, ...)`` and gives the outputs by their names."""
    import keras

    model = keras.models.load_model(file, compile=False)

    def run(inputs: Any) -> dict[str, Any]:
        return dict(model.predict(inputs, verbose=0))

    return run
