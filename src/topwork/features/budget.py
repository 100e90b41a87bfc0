"""How much disk stored activations may take."""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass
from pathlib import Path

from topwork.errors import DataError

BYTES_A_VALUE = 2
NO_ROOM = "disk_budget"
"""Code of the error that says that features take too much space."""

_SPARE = 0.05
"""Share of the disk that is left to others."""


@dataclass(frozen=True, slots=True)
class DiskBudget:
    """What may be written.

    Parameters
    ----------
    folder
        Where; its disk must have room as well.
    most
        Bytes; None for as much as the disk has.
    """

    folder: Path
    most: int | None = None

    def check(self, rows: int, shape: tuple[int, ...], *, what: str) -> int:
        """The bytes that this many rows take, if there is room for them.

        Parameters
        ----------
        rows
            Views of items that aren't stored yet.
        shape
            Of one row.
        what
            For the message: what would be stored.

        Raises
        ------
        DataError
            There isn't.
        """
        needed = rows * math.prod(shape) * BYTES_A_VALUE
        if self.most is not None and needed > self.most:
            raise DataError(
                f"Storing {what} needs {_size(needed)}, but the disk budget is {_size(self.most)}.",
                remedy=f"Raise the disk budget to {_size(needed)}, ask for fewer views, "
                "or choose a later cut.",
                code=NO_ROOM,
            )
        disk = shutil.disk_usage(_existing(self.folder))
        room = max(0, disk.free - int(_SPARE * disk.total))
        if needed > room:
            raise DataError(
                f"Storing {what} needs {_size(needed)}, but the disk has room for {_size(room)}.",
                remedy="Make room, let TOPWORK_CACHE_DIR name a folder on a larger disk, ask for "
                "fewer views, or choose a later cut.",
                code=NO_ROOM,
            )
        return needed


def _existing(folder: Path) -> Path:
    return next(f for f in (folder, *folder.absolute().parents) if f.exists())


def _size(n: int) -> str:
    """
    >>> _size(1_450_001), _size(28_000_000_000), _size(999)
    ('1.5 MB', '28 GB', '1 KB')
    """
    unit, size = next(((u, s) for u, s in (("GB", 1e9), ("MB", 1e6)) if n >= s), ("KB", 1e3))
    # rounded up, so that what the message asks for suffices
    scaled = math.ceil(10 * n / size) / 10
    return f"{scaled:.2g} {unit}" if scaled < 10 else f"{math.ceil(n / size)} {unit}"
