"""The process that reads a live source, seen from the one that started it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from topwork.deployment.live.frame import SourceCounts
from topwork.deployment.live.sources.handover import Handover, HandoverEnded
from topwork.deployment.live.sources.reader_process import ReaderRequest
from topwork.deployment.live.sources.shared_frames import Ticket

_START: Final = "from topwork.deployment.live.sources.reader_process import main; main()"
_GOODBYE_S: Final = 1.0

News = Mapping[str, Any]
"""What a reader tells beside frames: ``opening``, ``opened``, ``lost``."""


@dataclass(frozen=True, slots=True)
class FrameNotice:
    """A frame that a reader has written.

    Parameters
    ----------
    ticket
        Where it lies.
    connection
        Which of the reader's connections it came by.
    time_s, arrived, decode_s
        As of `DecodedImage`.
    """

    ticket: Ticket
    connection: int
    time_s: float | None
    arrived: float
    decode_s: float


class Reader:
    """A running reader. The newest frame wins.

    Parameters
    ----------
    request
        What it reads.
    counts
        Where frames are counted.
    """

    def __init__(self, request: ReaderRequest, counts: SourceCounts) -> None:
        self._counts, self._undecodable, self._skipped = counts, 0, 0
        self._slot = Handover[FrameNotice](1, counts, newest_wins=True)
        self._news: deque[News] = deque()
        self.heard = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C is for the process that watches
        )
        assert self._process.stdin is not None
        self._process.stdin.write(request.to_json() + "\n")
        self._process.stdin.flush()
        self._thread = threading.Thread(target=self._listen, name="topwork-reader", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return self._process.poll() is not None

    def news(self) -> News | None:
        """What it told beside frames, the oldest first."""
        return self._news.popleft() if self._news else None

    def newest(self, timeout: float) -> FrameNotice | None:
        """The newest frame that nobody has taken; ``None`` where none comes in time."""
        try:
            return self._slot.take(timeout)
        except HandoverEnded:
            return None

    def note_lost(self) -> None:
        """A frame that was taken can't be read any more."""
        self._slot.note_lost()

    def stop(self, *, kill: bool = False) -> None:
        """End it, by force where it doesn't end by itself."""
        process = self._process
        assert process.stdin is not None
        if kill:
            process.kill()
        with suppress(OSError):  # it may be gone already
            process.stdin.close()
        try:
            process.wait(_GOODBYE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._thread.join(_GOODBYE_S)
        self._slot.close()
        assert process.stdout is not None
        process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        try:
            for line in self._process.stdout:
                self._hear(json.loads(line))
        except (OSError, ValueError):
            pass  # it was killed in the middle of a line
        self._slot.end()

    def _hear(self, told: dict[str, Any]) -> None:
        self.heard = time.monotonic()
        if told["event"] != "frame":
            self._news.append(told)
            return
        del told["event"]
        undecodable, skipped = told.pop("undecodable"), told.pop("skipped")
        self._counts.undecodable += undecodable - self._undecodable
        self._slot.note_skipped(skipped - self._skipped)
        self._undecodable, self._skipped = undecodable, skipped
        self._slot.put(FrameNotice(Ticket(**told.pop("ticket")), **told))
