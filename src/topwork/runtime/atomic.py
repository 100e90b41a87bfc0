"""Files and folders that are there as a whole or not at all, whenever a process is killed."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(file: Path, content: str | bytes, *, lasting: bool = False) -> None:
    """Write a file, or replace it as a whole; a draft beside it takes its place when complete.

    Parameters
    ----------
    content
        Text is written in UTF-8.
    lasting
        Whether it must also survive a loss of power.
    """
    data = content.encode() if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-", suffix=".draft")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            if lasting:
                stream.flush()
                os.fsync(stream.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


class TemporaryFolder:
    """A folder that goes when the last one who holds this goes; not when a forked process ends."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="topwork-"))
        weakref.finalize(self, _remove, self.folder, os.getpid())


def _remove(folder: Path, made_by: int) -> None:
    if os.getpid() == made_by:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def new_folder(place: Path, *, old_to: Callable[[], Path | None] | None = None) -> Iterator[Path]:
    """An empty folder to fill, which becomes ``place`` at the end; what was there is replaced.

    Where filling it fails, ``place`` stays as it was.

    Parameters
    ----------
    old_to
        Says, when the new folder is complete, where what is there then goes; it is removed by
        default.
    """
    around = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}-"))
    try:
        draft = around / "new"
        draft.mkdir()
        yield draft
        beside = old_to() if old_to is not None else None
        old = (beside or around / "old") if place.exists() else None
        if old is not None:
            place.rename(old)
        try:
            draft.rename(place)
        except BaseException:
            if old is not None:
                old.rename(place)
            raise
    finally:
        shutil.rmtree(around, ignore_errors=True)
