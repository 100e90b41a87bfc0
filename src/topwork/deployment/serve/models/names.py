"""Names of models in addresses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from topwork.errors import ParameterError


def named_folders(folders: Sequence[Path]) -> dict[str, Path]:
    """Names for addresses: those of the folders.

    Raises
    ------
    ParameterError
        Two are the same.

    Examples
    --------
    >>> list(named_folders([Path("models/flowers.topwork"), Path("My birds")]))
    ['flowers', 'My-birds']
    """
    found: dict[str, Path] = {}
    for folder in folders:
        stem = folder.resolve().name.removesuffix(".topwork")
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-.") or "model"
        if name in found:
            raise ParameterError(
                f"Two models would both be called {name}.",
                remedy="Rename the folder of one of them.",
                code="same_name",
            )
        found[name] = folder
    return found
