"""What a ``.keras`` file, an archive, may hold before anything of it is unpacked."""

from __future__ import annotations

import zipfile
from collections import Counter
from pathlib import PurePosixPath
from typing import Final

from topwork.errors import BackboneError

MAX_MEMBERS: Final = 10_000
MAX_CONFIG_BYTES: Final = 64_000_000
MAX_RATIO: Final = 100
"""Unpacked bytes per packed one; weights are hardly compressed."""

_SMALL: Final = 1_000_000
"""Bytes of which a ratio says nothing."""


def check_archive(archive: zipfile.ZipFile, label: str) -> None:
    """Look at the list of an archive.

    Raises
    ------
    BackboneError
        It leads elsewhere, holds a name twice, or unpacks to far more than it is.
    """
    members = archive.infolist()
    fault = _fault(members)
    if fault:
        raise BackboneError(
            f"{label} {fault}.",
            remedy="Save the model again with model.save('FILE.keras').",
            code="unsafe_archive",
        )


def _fault(members: list[zipfile.ZipInfo]) -> str:
    """What is wrong with a list, as the end of a sentence."""
    if len(members) > MAX_MEMBERS:
        return f"holds {len(members):,} files; a model has at most {MAX_MEMBERS:,}"
    for member in members:
        path = PurePosixPath(member.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in member.filename:
            return "names files outside of it"
        if member.filename == "config.json" and member.file_size > MAX_CONFIG_BYTES:
            return f"describes a model in more than {MAX_CONFIG_BYTES / 1e6:g} MB"
    if max(Counter(member.filename for member in members).values(), default=0) > 1:
        return "holds a file twice"
    packed = sum(member.compress_size for member in members)
    unpacked = sum(member.file_size for member in members)
    if unpacked > _SMALL and unpacked > MAX_RATIO * packed:
        return f"unpacks to {unpacked / 1e6:,.0f} MB, more than {MAX_RATIO} times its size"
    return ""
