"""Where unfinished training is kept, so that a run that was cut off goes on."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

KEPT_SECONDS = 14 * 24 * 3600
"""After so long nobody comes back to what was cut off."""


@dataclass(frozen=True, slots=True)
class Scratch:
    """Folders of fits by what they are made from; removed when the model is there.

    Parameters
    ----------
    root
        Where they lie; None where nothing is kept.
    """

    root: Path | None
    _used: set[Path] = field(default_factory=set)

    def folder(self, name: str) -> Path | None:
        """Of one fit; it need not exist."""
        if self.root is None:
            return None
        self._used.add(self.root / name)
        return self.root / name

    def clear(self) -> None:
        """Remove what this run used, and what others left behind long ago."""
        for folder in self._used:
            shutil.rmtree(folder, ignore_errors=True)
        if self.root is None or not self.root.is_dir():
            return
        for folder in self.root.iterdir():
            if time.time() - folder.stat().st_mtime > KEPT_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
