"""Where topwork keeps what it may delete (the cache) and what it must remember (the state)."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

KEPT_SECONDS = 14 * 24 * 3600
"""How long the cache keeps what is quickly made again, or what nobody came back to."""


def cache_folder() -> Path:
    """``TOPWORK_CACHE_DIR``, or the platform's folder for caches."""
    return _folder("TOPWORK_CACHE_DIR", "user_cache_path")


def state_folder() -> Path:
    """``TOPWORK_STATE_DIR``, or the platform's folder for state."""
    return _folder("TOPWORK_STATE_DIR", "user_state_path")


def writable(folder: Path) -> Path | None:
    """The folder, made if it isn't there; None where nothing can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def bound(folder: Path, *, max_bytes: int, kept: int = 0) -> None:
    """Remove the files of a folder that were used longest ago, until the others fit.

    Parameters
    ----------
    max_bytes
        That the files may take together.
    kept
        Of the files used last, how many stay whatever they take.
    """
    found = []
    with suppress(OSError):  # another process may be faster
        for file in folder.iterdir():
            facts = file.stat()
            if file.is_file():
                used = max(facts.st_atime_ns, facts.st_mtime_ns)
                found.append((used, file.name, facts.st_size, file))
    total = 0
    for place, (_, _, size, file) in enumerate(sorted(found, reverse=True)):
        total += size
        if total > max_bytes and place >= kept:
            with suppress(OSError):
                file.unlink()


def forget_old(folder: Path) -> None:
    """Remove what was written below the folder ``KEPT_SECONDS`` ago and before."""
    if not folder.is_dir():
        return
    for entry in folder.iterdir():
        with suppress(OSError):  # another process may be faster
            if time.time() - entry.stat().st_mtime <= KEPT_SECONDS:
                continue
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink()


def _folder(variable: str, kind: str) -> Path:
    given = os.environ.get(variable)
    if given:
        return Path(given).expanduser()
    import platformdirs

    path: Path = getattr(platformdirs, kind)("topwork", appauthor=False)
    return path
