"""Where the items of a fit lie on this computer: kept in the cache, never in a model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from topwork.data import Item
from topwork.runtime import cache_folder, writable, write_whole


def note_source_files(keys: Sequence[bytes], items: Sequence[Item]) -> None:
    """Write down which file holds which content; nothing fails where that can't be written."""
    paths = {
        key.hex(): str(item.path.resolve())
        for key, item in zip(keys, items, strict=True)
        if item.path is not None
    }
    folder = writable(cache_folder() / "origins")
    if folder is None or not paths:
        return
    file = folder / _name(keys)
    with suppress(OSError):
        write_whole(file, json.dumps(paths))


def noted_source_files(keys: Iterable[bytes]) -> dict[bytes, Path]:
    """The files that a fit on these contents read, as far as they are still there."""
    try:
        found = json.loads((cache_folder() / "origins" / _name(keys)).read_text())
    except (OSError, ValueError):
        return {}
    paths = {bytes.fromhex(key): Path(path) for key, path in found.items()}
    return {key: path for key, path in paths.items() if path.is_file()}


def _name(keys: Iterable[bytes]) -> str:
    return blake2b(b"".join(sorted(set(keys))), digest_size=16).hexdigest() + ".json"
