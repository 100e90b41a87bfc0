"""The same work in single precision, whatever this processor would choose."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from topwork.backbones.engines.precision import VARIABLE


@contextmanager
def computed_in(precision: str) -> Iterator[None]:
    """Networks compute in ``float32`` or ``bfloat16`` until this ends; ``auto`` changes nothing."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = precision
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before
