"""The process that reads a live source: it can be killed when FFmpeg hangs.

It is told what to read in the first line of its standard input, writes frames into shared memory,
and one JSON line for each, and for whatever else happens, to its standard output. It ends when its
standard input does, so never later than the process that started it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TextIO

from topwork.deployment.live.frame import SourceCounts
from topwork.deployment.live.sources.address import Address
from topwork.deployment.live.sources.backlog import Backlog
from topwork.deployment.live.sources.backoff import Backoff
from topwork.deployment.live.sources.shared_frames import FrameWriter

_GRACE_S: Final = 0.5
"""Seconds to say goodbye to a camera in."""


@dataclass(frozen=True, slots=True)
class ReaderRequest:
    """What a reader is to do.

    Parameters
    ----------
    address
        What to read.
    folder
        Where shared frames go.
    timeout_s
        Seconds without data after which a connection is given up; ``None``: never.
    """

    address: Address
    folder: Path
    timeout_s: float | None

    def to_json(self) -> str:
        """One line."""
        return json.dumps({**asdict(self), "folder": str(self.folder)})

    @classmethod
    def from_json(cls, line: str) -> ReaderRequest:
        """The same from that line."""
        found = json.loads(line)
        address, folder = Address(**found.pop("address")), Path(found.pop("folder"))
        return cls(address, folder, **found)


class _Reader:
    """Connects for ever, and tells of each frame and each failure."""

    def __init__(self, request: ReaderRequest, out: TextIO, stopped: threading.Event) -> None:
        self._request, self._out, self._stopped = request, out, stopped
        self._writer = FrameWriter(request.folder)
        self._backoff = Backoff()
        self._counts = SourceCounts()
        self._connection = 0

    def run(self) -> None:
        while not self._stopped.is_set():
            self._connection += 1
            self._tell("opening")
            why, kind = self._read()
            self._backoff.lost()
            wait = self._backoff.wait()
            self._tell("lost", why=why, kind=kind, wait_s=wait)
            self._stopped.wait(wait)

    def _read(self) -> tuple[str, str]:
        """Read until it ends; why it did, and the name of the error."""
        from av.error import FFmpegError

        from topwork.deployment.live.sources.decoding import decode, open_video
        from topwork.errors import UserError

        request = self._request
        try:
            with open_video(
                request.address, timeout_s=request.timeout_s, low_delay=True
            ) as container:
                self._tell("opened")
                for one in decode(container, self._counts, backlog=Backlog()):
                    ticket = self._writer.write(one.image)
                    self._backoff.found()
                    self._tell(
                        "frame",
                        ticket=asdict(ticket),
                        connection=self._connection,
                        time_s=one.time_s,
                        arrived=one.arrived,
                        decode_s=one.decode_s,
                        undecodable=self._counts.undecodable,
                        skipped=self._counts.dropped,
                    )
                    if self._stopped.is_set():
                        break
        except UserError as error:
            return error.message, "UserError"
        except (FFmpegError, OSError, ValueError) as error:
            return str(getattr(error, "strerror", None) or error), type(error).__name__
        return "it ended", "EndOfStream"

    def _tell(self, event: str, **more: Any) -> None:
        self._out.write(json.dumps({"event": event, **more}) + "\n")
        self._out.flush()


def _end_with(asked: TextIO, folder: Path, stopped: threading.Event) -> None:
    """End this process when its input does, even if FFmpeg hangs, and leave nothing behind."""
    while asked.readline():
        pass
    shutil.rmtree(folder, ignore_errors=True)  # who started it may have been killed
    stopped.set()
    time.sleep(_GRACE_S)
    os._exit(0)


def main() -> None:
    """Read what the first line of standard input says."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # libraries that print disturb nothing
    request = ReaderRequest.from_json(sys.stdin.readline())
    stopped = threading.Event()
    ending = (sys.stdin, request.folder, stopped)
    threading.Thread(target=_end_with, args=ending, daemon=True).start()
    try:
        _Reader(request, out, stopped).run()
    except BrokenPipeError:  # nobody listens any more
        os._exit(0)
    os._exit(0)


if __name__ == "__main__":
    main()
