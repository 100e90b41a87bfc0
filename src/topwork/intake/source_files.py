"""Where the items of a fit lie on this computer: kept in the cache, never in a model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from topwork.data import Item, Modality
from topwork.data.object_storage import is_object
from topwork.errors import BadItem, DataError
from topwork.runtime import cache_folder, writable, write_whole
from topwork.runtime.counted import counted


def note_source_files(keys: Sequence[bytes], items: Sequence[Item]) -> None:
    """Write down which file holds which content; nothing fails where that can't be written."""
    paths = {
        key.hex(): str(item.path.resolve())
        for key, item in zip(keys, items, strict=True)
        if item.path is not None
        # a frame's file holds others, too
        if item.path is not None
        and not is_object(item.path)
        and item.frame is None
        and item.frame is None  # a frame's file holds others, too
    }
    folder = writable(cache_folder() / "origins")
    if folder is None or not paths:
        return
    file = folder / _name(keys)
    with suppress(OSError):
        write_whole(file, json.dumps(paths))


def noted_source_files(keys: Iterable[bytes]) -> dict[bytes, Path]:
    """The files that a fit on these contents read, as far as they are still there.

    They may hold something else by now: what is read must be compared, or see
    `unchanged_source_files`.
    """
    try:
        found = json.loads((cache_folder() / "origins" / _name(keys)).read_text())
    except (OSError, ValueError):
        return {}
    paths = {bytes.fromhex(key): Path(path) for key, path in found.items()}
    return {key: path for key, path in paths.items() if path.is_file()}


def unchanged_source_files(keys: Iterable[bytes], kind: Modality) -> dict[bytes, Path]:
    """Those of them that hold what they held; each is read once."""
    files = noted_source_files(keys)
    return {key: path for key, path in files.items() if _holds(path, key, kind)}


def _holds(path: Path, key: bytes, kind: Modality) -> bool:
    try:
        return kind.read(Item(str(path), path)).key == key
    except (BadItem, OSError):
        return False


def left_out(n: int, kind: Modality) -> tuple[str, ...]:
    """What people are told about items of a fit that are not used."""
    if not n:
        return ()
    are = "is" if n == 1 else "are"
    return (
        f"{counted(n, kind.name)} of the fit {are} left out: the file is gone or was changed "
        "since.",
    )


def no_source_files(kind: Modality, place: str | Path, remedy: str) -> DataError:
    """No item of the fit of a model can be read again."""
    return DataError(
        f"A model does not hold the {kind.name}s that it was fitted on, and none of those of "
        f"{place} is known to lie unchanged on this computer.",
        remedy=remedy,
        code="no_items",
    )


def _name(keys: Iterable[bytes]) -> str:
    return blake2b(b"".join(sorted(set(keys))), digest_size=16).hexdigest() + ".json"
