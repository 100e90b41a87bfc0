"""How the training loop runs: plain data, free to import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from topwork.errors import ParameterError

TrainingPrecision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """One run of the loop.

    Parameters
    ----------
    epochs
        Passes over the items; the schedule is laid out for so many.
    batch
        Items a step. Where memory is short it is computed in parts, with the same result.
    learning_rate
        Peak rate of the deepest group of parameters.
    head_rate
        Factor on it for parameters of the head.
    weight_decay
        Of matrices and kernels; biases and the affine parts of normalisations have none.
    layer_decay
        Factor on the learning rate for each block further from the head.
    warm_up
        Share of the steps over which the rate rises, before it falls along a cosine.
    clip
        Largest norm of the gradient.
    average
        Share that the exponential moving average of the weights keeps a step; 0 for no average.
    patience
        Epochs without a better held-out score after which the loop ends; None for never.
    seconds
        After so many it ends with the best so far; None for no limit.
    precision
        ``auto`` takes bfloat16 where the device has units for it.
    seed
        Of everything random.

    Raises
    ------
    ParameterError
        A value is out of its range.

    Examples
    --------
    >>> LoopSettings(epochs=3).batch
    64
    """

    epochs: int = 12
    batch: int = 64
    learning_rate: float = 1e-3
    head_rate: float = 1.0
    weight_decay: float = 0.05
    layer_decay: float = 0.9
    warm_up: float = 0.1
    clip: float = 1.0
    average: float = 0.99
    patience: int | None = None
    seconds: float | None = None
    precision: TrainingPrecision = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least, most in _RANGES:
            value = getattr(self, name)
            if value is not None and not least <= value <= most:
                raise ParameterError(
                    f"{name} is {value}, but must be from {least:g} to {most:g}.",
                    remedy="See the documentation of LoopSettings for usual values.",
                )


_RANGES = (
    ("epochs", 1, 10_000),
    ("batch", 1, 65_536),
    ("learning_rate", 0.0, 10.0),
    ("head_rate", 0.0, 1000.0),
    ("weight_decay", 0.0, 10.0),
    ("layer_decay", 0.01, 1.0),
    ("warm_up", 0.0, 0.9),
    ("clip", 1e-6, 1e9),
    ("average", 0.0, 0.99999),
    ("patience", 1, 10_000),
    ("seconds", 0.0, 1e9),
)
