"""One frame of a source, with its times, and what else a source tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8]
"""Upright RGB, ``(h, w, 3)``."""


@dataclass(frozen=True, eq=False, slots=True)
class Frame:
    """One image of a source.

    Parameters
    ----------
    image
        Upright RGB, uint8 ``(h, w, 3)``.
    time_s
        When it was taken, in seconds by the source's own clock: presentation timestamps of a
        video, the modification time of a file in a folder.
    arrived
        When its data were there to be decoded, by ``time.monotonic``.
    decode_s
        Seconds that decoding and conversion to RGB took.
    path
        Of a folder, the file.
    encoded
        Of a folder, the file's bytes.
    key
        Of a folder, the content key of the file, in hexadecimal.
    """

    image: Image
    time_s: float
    arrived: float
    decode_s: float
    path: str = ""
    encoded: bytes | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class SignalChange:
    """A live source that stopped delivering frames, or delivers them again.

    Parameters
    ----------
    there
        Whether frames come again.
    why
        Why they stopped, in a few words.
    after_s
        Seconds that they were missing.
    """

    there: bool
    why: str
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class UnreadableFile:
    """A file of a folder that can't be read.

    Parameters
    ----------
    path
        The file.
    reason
        A code out of `topwork.data.REASONS`.
    detail
        What was seen, for people.
    """

    path: str
    reason: str
    detail: str = ""


@dataclass(slots=True)
class SourceCounts:
    """What became of the frames of a source.

    Parameters
    ----------
    received
        Frames that were decoded.
    dropped
        Of these, frames that gave way to newer ones before anybody took them, or that waited when
        the source was closed.
    undecodable
        Packets or files that gave no frame.
    reconnects
        How often frames came again after they had stopped.
    """

    received: int = 0
    dropped: int = 0
    undecodable: int = 0
    reconnects: int = 0
