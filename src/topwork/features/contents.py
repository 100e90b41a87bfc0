"""What the cache holds, and clearing it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from topwork.data.json_object import JsonObject
from topwork.features.store import count_rows

WHAT = {
    "features": "features of unknown origin",
    "graphs": "networks as graphs",
    "compiled": "graphs compiled for this processor",
    "origins": "where the items of fits lie",
}
"""What the folders of the cache are for."""


class CacheEntry(BaseModel):
    """One store: a backbone at a cut, under one preprocessing and precision."""

    model_config = ConfigDict(frozen=True)

    backbone: str
    cut: str
    rows: int
    bytes: int


class CacheFolder(BaseModel):
    """What else is kept: its folder, what that is for, and its size."""

    model_config = ConfigDict(frozen=True)

    name: str
    what: str
    bytes: int


class CacheContents(JsonObject):
    """The whole cache: ``bytes`` is the sum of the entries and of the other folders."""

    model_config = ConfigDict(frozen=True)

    path: str
    bytes: int
    entries: list[CacheEntry]
    other: list[CacheFolder]


def cache_contents(folder: Path) -> CacheContents:
    """What the cache in ``folder`` holds, the largest first; what can't be read is counted too."""
    notes = sorted(folder.glob("features/*/fingerprint.json"))
    entries = [entry for note in notes if (entry := _entry(note)) is not None]
    told = sum(entry.bytes for entry in entries)
    other = []
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        size = folder_bytes(place) - (told if place.name == "features" else 0)
        if size > 0:
            what = WHAT.get(place.name, "")
            other.append(CacheFolder(name=place.name, what=what, bytes=size))
    return CacheContents(
        path=str(folder),
        bytes=told + sum(one.bytes for one in other),
        entries=sorted(entries, key=lambda entry: -entry.bytes),
        other=sorted(other, key=lambda one: -one.bytes),
    )


def clear_cache(folder: Path) -> None:
    """Remove the folder with everything below it."""
    shutil.rmtree(folder, ignore_errors=True)


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below a folder, or of a file; others may remove some meanwhile."""
    total = 0
    for file in (folder, *folder.rglob("*")):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:
            continue
    return total


def _entry(note: Path) -> CacheEntry | None:
    """One store; None where a killed process left it unreadable."""
    try:
        facts = json.loads(note.read_text())
        return CacheEntry(
            backbone=facts["backbone"],
            cut=facts["cut"],
            rows=count_rows(note.parent),
            bytes=folder_bytes(note.parent),
        )
    except (OSError, ValueError, KeyError, TypeError):  # a table that is damaged is an OSError, too
        return None
