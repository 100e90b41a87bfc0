"""A video file: every frame of it, or as many as there is time for when its own clock runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from topwork.deployment.live.frame import Frame, SourceCounts
from topwork.deployment.live.sources.address import Address
from topwork.deployment.live.sources.decoding import decode, open_video
from topwork.deployment.live.sources.handover import Handover, HandoverEnded
from topwork.deployment.live.sources.source import TICK_S, Delivery
from topwork.errors import DataError

WAITING = 4
"""Decoded frames of a file that may wait."""

NETWORK_TIMEOUT_S = 10.0
"""Seconds without data after which a file behind an address is given up."""

_PATIENCE_S = 2.0
"""Seconds that the reader gets to end."""


class VideoFile:
    """A file, decoded by a thread.

    Parameters
    ----------
    address
        The file.
    as_live
        Whether it is played by its own clock like a camera: then the newest frame wins. Otherwise
        no frame is dropped.
    """

    def __init__(self, address: Address, *, as_live: bool = False) -> None:
        self.counts = SourceCounts()
        self.endless = False
        self._address, self._as_live = address, as_live
        self._timeout_s = NETWORK_TIMEOUT_S if "://" in address.url else None
        self._stopped = threading.Event()
        size = 1 if as_live else WAITING
        self._handover = Handover[Frame](size, self.counts, newest_wins=as_live)

    def frames(self) -> Iterator[Delivery]:
        thread = threading.Thread(target=self._read, name="topwork-video", daemon=True)
        thread.start()
        try:
            while True:
                try:
                    frame = self._handover.take(TICK_S)
                except HandoverEnded:
                    return
                yield frame if frame is None or self._as_live else _as_taken_now(frame)
        finally:
            self._stopped.set()
            self._handover.close()
            thread.join(_PATIENCE_S)

    def _read(self) -> None:
        try:
            self._decode()
        except BaseException as error:
            self._handover.end(error)
        else:
            self._handover.end()

    def _decode(self) -> None:
        from av.error import FFmpegError

        try:
            with open_video(
                self._address, timeout_s=self._timeout_s, low_delay=self._as_live
            ) as container:
                due = self._clock() if self._as_live else None
                rate = container.streams.video[0].average_rate
                step, time_s = 1 / float(rate or 25), 0.0
                for one in decode(container, self.counts, due=due):
                    time_s = one.time_s if one.time_s is not None else time_s
                    frame = Frame(one.image, time_s, one.arrived, one.decode_s)
                    time_s += step  # for streams without timestamps
                    if self._stopped.is_set() or not self._handover.put(frame):
                        return
        except FFmpegError as error:
            if self.counts.received == 0:
                raise _no_video(self._address, error) from error
            self.counts.undecodable += 1
        if self.counts.received == 0 and not self._stopped.is_set():
            raise _no_video(self._address)

    def _clock(self) -> Callable[[Any], float]:
        """Waits until a packet is due; the first is at once."""
        start: float | None = None

        def due(packet: Any) -> float:
            nonlocal start
            now = time.monotonic()
            if packet.dts is None:
                return now
            seconds = float(packet.dts * packet.time_base)
            start = now - seconds if start is None else start
            moment = start + seconds
            if moment > now:
                self._stopped.wait(moment - now)
            return moment

        return due


def _as_taken_now(frame: Frame) -> Frame:
    """Of frames that wait for us, not we for them, the waiting is no latency."""
    return replace(frame, arrived=time.monotonic() - frame.decode_s)


def _no_video(address: Address, error: Exception | None = None) -> DataError:
    why = f": {getattr(error, 'strerror', None) or error}" if error else ""
    return DataError(
        f"{address.name} cannot be read as a video{why}.",
        remedy="Give a video that a player shows, such as MP4, MKV, WebM or AVI.",
        code="no_video",
    )
