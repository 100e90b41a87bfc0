"""How networks for texts are trained (docs/decisions/0019)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from topwork.training.batches import steps_of
from topwork.training.settings import LoopSettings

_FULL: Final = LoopSettings(
    epochs=3, batch=32, learning_rate=1e-4, weight_decay=0.01, layer_decay=1.0, average=0.99
)

TEXT_LOOPS: Final = {
    "full": _FULL,
    "partial": replace(_FULL, learning_rate=4e-4),
    "lora": replace(_FULL, learning_rate=1e-3),
    "pairs": replace(_FULL, average=0.9),
}
"""By strategy."""

LAST: Final = 0.5
"""Share of the blocks that are trained by strategy ``partial``."""

MIN_STEPS: Final = 120
"""Fewer don't bring a network far."""

MAX_EPOCHS: Final = 12
"""With more, every one of few texts is known by heart."""


def for_texts(loop: LoopSettings, n: int) -> LoopSettings:
    """The loop with more epochs where texts are few.

    Examples
    --------
    >>> [for_texts(TEXT_LOOPS["full"], n).epochs for n in (10_000, 640, 32)]
    [3, 6, 12]
    """
    wanted = -(-MIN_STEPS // steps_of(n, loop.batch))
    return replace(loop, epochs=max(loop.epochs, min(wanted, MAX_EPOCHS)))
