"""A cache and a state folder of one's own, so that no run profits from an earlier one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VARIABLES = {"TOPWORK_CACHE_DIR": "cache", "TOPWORK_STATE_DIR": "state"}


@contextmanager
def own_cache() -> Iterator[Path]:
    """A temporary folder; ``topwork``, here and in child processes, keeps its things inside it."""
    before = {name: os.environ.get(name) for name in _VARIABLES}
    with tempfile.TemporaryDirectory(prefix="topwork-bench-") as name:
        root = Path(name)
        try:
            for variable, folder in _VARIABLES.items():
                os.environ[variable] = str(root / folder)
            yield root
        finally:
            for variable, value in before.items():
                if value is None:
                    os.environ.pop(variable, None)
                else:
                    os.environ[variable] = value
