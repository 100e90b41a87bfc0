"""What every source of frames can do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeAlias

from topwork.deployment.live.frame import Frame, SignalChange, SourceCounts, UnreadableFile

TICK_S = 0.2
"""Seconds after which a source that has nothing new says so."""

Delivery: TypeAlias = Frame | SignalChange | UnreadableFile | None
"""``None``: nothing came for a moment."""


class Source(Protocol):
    """Delivers frames, each once.

    Attributes
    ----------
    counts
        What became of its frames so far.
    endless
        Whether only its user ends it.
    """

    counts: SourceCounts
    endless: bool

    def frames(self) -> Iterator[Delivery]:
        """The frames as they come; closing the iterator closes the source.

        Raises
        ------
        topwork.errors.DataError
            It can't be opened, or it holds no video.
        """
        ...
