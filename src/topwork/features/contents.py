"""What the cache holds, and clearing it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from topwork.features.store import count_rows


class CacheEntry(BaseModel):
    """One store: a backbone at a cut, under one preprocessing and precision."""

    model_config = ConfigDict(frozen=True)

    backbone: str
    cut: str
    rows: int
    bytes: int


class CacheContents(BaseModel):
    """The whole cache; ``bytes`` counts graphs and logs too, not only the entries."""

    model_config = ConfigDict(frozen=True)

    path: str
    bytes: int
    entries: list[CacheEntry]


def cache_contents(folder: Path) -> CacheContents:
    """What the cache in ``folder`` holds, the largest store first."""
    entries = [_entry(note) for note in sorted(folder.glob("features/*/fingerprint.json"))]
    return CacheContents(
        path=str(folder),
        bytes=_folder_bytes(folder),
        entries=sorted(entries, key=lambda entry: -entry.bytes),
    )


def clear_cache(folder: Path) -> None:
    """Remove the folder with everything below it."""
    shutil.rmtree(folder, ignore_errors=True)


def _entry(note: Path) -> CacheEntry:
    facts = json.loads(note.read_text())
    return CacheEntry(
        backbone=facts["backbone"],
        cut=facts["cut"],
        rows=count_rows(note.parent),
        bytes=_folder_bytes(note.parent),
    )


def _folder_bytes(folder: Path) -> int:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
