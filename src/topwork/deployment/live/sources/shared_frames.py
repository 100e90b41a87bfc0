"""Frames in memory that two processes share: no copy through a pipe, and no lock to die with.

The writer goes round three slots. A slot bears the number of its frame, and none while it is
written: who copies a frame and finds its number before and after has all of it.
"""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.deployment.live.frame import Image

SLOTS: Final = 3
_HEADER: Final = 64
"""Bytes before the pixels of a slot: its number, and what keeps lines of the cache apart."""

_MEMORY: Final = Path("/dev/shm")  # noqa: S108  files there never reach a disk
_ENOUGH: Final = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Ticket:
    """Where a frame lies.

    Parameters
    ----------
    file
        The name of the shared file.
    slot, number
        Which slot, and the number that it bears as long as the frame is in it.
    height, width
        Of the image.
    """

    file: str
    slot: int
    number: int
    height: int
    width: int

    @property
    def size(self) -> int:
        """Bytes of its pixels."""
        return self.height * self.width * 3


def shared_folder() -> Path:
    """A new folder for shared frames, in memory where there is enough."""
    with suppress(OSError):
        if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ENOUGH:
            return Path(tempfile.mkdtemp(prefix="topwork-", dir=_MEMORY))
    return Path(tempfile.mkdtemp(prefix="topwork-"))


class _Mapped:
    """A file of slots, mapped into memory."""

    def __init__(self, file: Path, capacity: int, *, new: bool = False) -> None:
        self.name, self.capacity = file.name, capacity
        stride = _HEADER + capacity
        with file.open("x+b" if new else "r+b") as opened:
            if new:
                _reserve(opened.fileno(), SLOTS * stride)
            mapped = mmap.mmap(opened.fileno(), SLOTS * stride)
        rows = np.frombuffer(mapped, np.uint8).reshape(SLOTS, stride)
        self.pixels: NDArray[np.uint8] = rows[:, _HEADER:]
        self.numbers = [rows[i, :8].view(np.uint64) for i in range(SLOTS)]


def _reserve(handle: int, size: int) -> None:
    """Make a file so long; where there is no room, say so now and not when it is written."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
    else:
        os.truncate(handle, size)


class FrameWriter:
    """Writes frames for another process.

    Parameters
    ----------
    folder
        Where its files go.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mapped: _Mapped | None = None
        self._number = 0

    def write(self, image: Image) -> Ticket:
        """Put an image over the oldest of the last three."""
        self._number += 1
        if self._mapped is None or image.nbytes > self._mapped.capacity:
            name = f"frames-{os.getpid()}-{self._number}-{image.nbytes}"
            self._mapped = _Mapped(self._folder / name, image.nbytes, new=True)
        slot = self._number % SLOTS
        self._mapped.numbers[slot][0] = 0
        self._mapped.pixels[slot, : image.nbytes] = image.reshape(-1)
        self._mapped.numbers[slot][0] = self._number
        return Ticket(self._mapped.name, slot, self._number, image.shape[0], image.shape[1])


class FrameReader:
    """Copies frames that another process wrote.

    Parameters
    ----------
    folder
        Where its files are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mapped: _Mapped | None = None

    def read(self, ticket: Ticket) -> Image | None:
        """The image of a ticket; ``None`` where another one has taken its place meanwhile."""
        mapped = self._mapped
        if mapped is None or mapped.name != ticket.file:
            file = self._folder / ticket.file
            capacity = int(ticket.file.rpartition("-")[2])
            try:
                mapped = self._mapped = _Mapped(file, capacity)
            except OSError:  # its writer is gone, and another has begun
                return None
            with suppress(OSError):
                file.unlink()  # it stays until both have let go of it
        if int(mapped.numbers[ticket.slot][0]) != ticket.number:
            return None
        image = mapped.pixels[ticket.slot, : ticket.size].copy()
        if int(mapped.numbers[ticket.slot][0]) != ticket.number:
            return None
        return image.reshape(ticket.height, ticket.width, 3)
