"""A folder that images come into: each is delivered once, when it is complete."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Final

import numpy as np

from topwork.data import Content
from topwork.data.files import read_file
from topwork.data.images.formats import IMAGE_EXTENSIONS
from topwork.data.images.image_size import image_size
from topwork.data.images.modality import ImageModality
from topwork.data.preprocessing.framing import Framing
from topwork.deployment.live.frame import Frame, Image, SourceCounts, UnreadableFile
from topwork.deployment.live.sources.source import TICK_S, Delivery
from topwork.errors import BadItem

POLL_S: Final = 1.0
"""Seconds between two looks; network shares tell of no changes."""

_State = tuple[int, int]
"""Size and modification time of a file."""


class GrowingFolder:
    """A folder and those below it. A file whose content was there already is not delivered again.

    Parameters
    ----------
    folder
        Where images come.
    known
        Content keys of images that were delivered before, in hexadecimal.
    poll_s
        Seconds between two looks. A file is complete when both see the same size and time.
    """

    def __init__(
        self, folder: Path, *, known: Collection[str] = (), poll_s: float = POLL_S
    ) -> None:
        self.counts = SourceCounts()
        self.endless = True
        self._folder, self._poll_s = folder, poll_s
        self._known = set(known)
        self._seen: dict[Path, _State] = {}
        self._done: dict[Path, _State] = {}

    def frames(self) -> Iterator[Delivery]:
        while True:
            began = time.monotonic()
            for path in self._complete():
                yield self._delivery(path)
            while (left := began + self._poll_s - time.monotonic()) > 0:
                yield None
                time.sleep(min(TICK_S, left))

    def _complete(self) -> list[Path]:
        """Files that have not changed since the last look, the oldest first."""
        now = {path: state for path in self._files() if (state := _state(path)) is not None}
        ready = [
            path
            for path, state in now.items()
            if self._seen.get(path) == state and self._done.get(path) != state
        ]
        self._done = {path: state for path, state in self._done.items() if path in now}
        self._done |= {path: now[path] for path in ready}
        self._seen = now
        return sorted(ready, key=lambda path: (now[path][1], path))

    def _files(self) -> Iterator[Path]:
        for path in self._folder.rglob("*"):
            hidden = any(part.startswith(".") for part in path.relative_to(self._folder).parts)
            if not hidden and path.suffix.lower() in IMAGE_EXTENSIONS:
                yield path

    def _delivery(self, path: Path) -> Delivery:
        arrived = time.monotonic()
        try:
            data = read_file(path)
            key = blake2b(data, digest_size=16).hexdigest()
            if key in self._known:
                return None
            self._known.add(key)
            image = whole_image(data)
        except BadItem as bad:
            self.counts.undecodable += 1
            return UnreadableFile(str(path), bad.reason, bad.detail)
        self.counts.received += 1
        time_s = self._done[path][1] / 1e9
        taken = time.monotonic() - arrived
        return Frame(image, time_s, arrived, taken, path=str(path), encoded=data, key=key)


def whole_image(data: bytes) -> Image:
    """An image file as upright RGB at its own size.

    Raises
    ------
    topwork.errors.BadItem
        It can't be read.
    """
    content = Content(b"", data)
    width, height = image_size(content)
    framing = Framing(height, width, interpolation="nearest")
    return np.asarray(ImageModality().decode(content, framing), np.uint8)


def _state(path: Path) -> _State | None:
    try:
        found = path.stat()
    except OSError:  # gone again
        return None
    return (found.st_size, found.st_mtime_ns)
