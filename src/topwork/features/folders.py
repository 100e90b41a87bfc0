"""Where topwork keeps what it may delete (the cache) and what it must remember (the state)."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """``TOPWORK_CACHE_DIR``, or the platform's folder for caches."""
    return _folder("TOPWORK_CACHE_DIR", "user_cache_path")


def state_folder() -> Path:
    """``TOPWORK_STATE_DIR``, or the platform's folder for state."""
    return _folder("TOPWORK_STATE_DIR", "user_state_path")


def _folder(variable: str, kind: str) -> Path:
    given = os.environ.get(variable)
    if given:
        return Path(given).expanduser()
    import platformdirs

    path: Path = getattr(platformdirs, kind)("topwork", appauthor=False)
    return path
