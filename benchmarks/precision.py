"""The same work in single precision, whatever this processor would choose."""

from __future__ import annotations

from contextlib import AbstractContextManager

from topwork.backbones.engines.precision import VARIABLE
from topwork.runtime.environment import with_variable


def computed_in(precision: str) -> AbstractContextManager[None]:
    """Networks compute in ``float32`` or ``bfloat16`` until this ends; ``auto`` changes nothing."""
    return with_variable(VARIABLE, precision)
