"""A camera or stream: read by a process of its own, watched over, and reconnected for ever."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from topwork.deployment.live.frame import Frame, SignalChange, SourceCounts
from topwork.deployment.live.sources.address import Address
from topwork.deployment.live.sources.backoff import MIN_WAIT_S
from topwork.deployment.live.sources.reader import FrameNotice, News, Reader
from topwork.deployment.live.sources.reader_process import ReaderRequest
from topwork.deployment.live.sources.shared_frames import FrameReader, shared_folder
from topwork.deployment.live.sources.source import TICK_S, Delivery
from topwork.deployment.live.sources.stream_clock import StreamClock
from topwork.errors import DataError

STALL_S: Final = 10.0
"""Seconds without a frame after which a source counts as gone."""

_SLACK_S: Final = 5.0
"""Seconds that a reader may be late with what it announced, before it is killed."""

_HOPELESS: Final = frozenset(
    (
        "UserError",
        "ArgumentError",
        "DecoderNotFoundError",
        "DemuxerNotFoundError",
        "FileNotFoundError",
        "HTTPBadRequestError",
        "HTTPForbiddenError",
        "HTTPNotFoundError",
        "HTTPUnauthorizedError",
        "InvalidDataError",
        "OptionNotFoundError",
        "PermissionError",
        "ProtocolNotFoundError",
    )
)
"""Errors of the first connection that trying again doesn't mend."""

_REMEDIES: Final = {
    "camera": "Check that it is connected and not in use, and its number (camera:0).",
    "stream": "Check the address with a video player.",
}


class LiveStream:
    """A live source. The newest frame wins, and only its user ends it.

    Parameters
    ----------
    address
        What to read.
    stall_s
        Seconds without a frame after which it is connected again.
    """

    def __init__(self, address: Address, *, stall_s: float = STALL_S) -> None:
        self.counts = SourceCounts()
        self.endless = True
        self.reader: Reader | None = None
        self._address, self._stall_s = address, stall_s
        self._clock = StreamClock()
        self._there: bool | None = None
        self._since = 0.0
        self._patience = 0.0
        self._readers = 0

    def frames(self) -> Iterator[Delivery]:
        folder = shared_folder()
        try:
            yield from self._deliveries(folder, FrameReader(folder))
        finally:
            if self.reader is not None:
                self.reader.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def _deliveries(self, folder: Path, frames: FrameReader) -> Iterator[Delivery]:
        while True:
            reader = self.reader or self._started(folder)
            while (news := reader.news()) is not None:
                yield from self._told(news)
            notice = reader.newest(TICK_S)
            if notice is not None:
                yield from self._delivered(notice, reader, frames)
                continue
            ended, silent = reader.ended, time.monotonic() - reader.heard
            if ended or silent > self._patience:
                why = "its reader crashed" if ended else f"no frame for {silent:.0f} s"
                reader.stop(kill=True)
                self.reader = None
                yield from self._lost(why)
                if ended:
                    time.sleep(MIN_WAIT_S)
            yield None

    def _started(self, folder: Path) -> Reader:
        timeout_s = None if self._address.listens else self._stall_s
        self.reader = Reader(ReaderRequest(self._address, folder, timeout_s), self.counts)
        self._readers += 1
        self._patience = self._stall_s + _SLACK_S
        return self.reader

    def _told(self, news: News) -> Iterator[SignalChange]:
        if news["event"] == "opening":
            waits = self._address.listens
            self._patience = float("inf") if waits else self._stall_s + _SLACK_S
        elif news["event"] == "opened":
            self._patience = self._stall_s
        else:
            self._patience = news["wait_s"] + _SLACK_S
            never = self.counts.received == 0 and not self._address.listens
            if never and news["kind"] in _HOPELESS:
                raise DataError(
                    f"{self._address.name} cannot be watched: {_sentence(news['why'])}.",
                    remedy=_REMEDIES[self._address.kind],
                    code="no_source",
                )
            yield from self._lost(news["why"])

    def _delivered(
        self, notice: FrameNotice, reader: Reader, frames: FrameReader
    ) -> Iterator[Frame | SignalChange]:
        self._patience = self._stall_s
        image = frames.read(notice.ticket)
        if image is None:  # newer ones took its place while it was copied
            reader.note_lost()
            return
        if self._there is False:
            self.counts.reconnects += self._clock.started
            yield SignalChange(there=True, why="", after_s=time.monotonic() - self._since)
        self._there = True
        connection = self._readers * 1_000_000 + notice.connection
        seconds = self._clock.seconds(connection, notice.time_s, notice.arrived)
        yield Frame(image, seconds, notice.arrived, notice.decode_s)

    def _lost(self, why: str) -> Iterator[SignalChange]:
        if self._there is not False:
            self._there, self._since = False, time.monotonic()
            yield SignalChange(there=False, why=_sentence(why))


def _sentence(why: str) -> str:
    """FFmpeg's words as part of a sentence."""
    return why[:1].lower() + why[1:].rstrip(".")
