"""Where unfinished training is kept, so that a run that was cut off goes on."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from topwork.runtime.folders import forget_old


@dataclass(frozen=True, slots=True)
class Scratch:
    """Folders of fits by what they are made from; removed when the model is there.

    Parameters
    ----------
    root
        Where they lie; None where nothing is kept.
    """

    root: Path | None = None
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
        if self.root is not None:
            forget_old(self.root)
