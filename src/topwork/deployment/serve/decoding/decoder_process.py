"""A process that decodes, from the server's side."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np

from topwork.data import Content, Modality
from topwork.data.preprocessing.framing import Framing
from topwork.deployment.serve.decoding.wire import receive_answer, send_request
from topwork.errors import BadItem

_PIPE = 1 << 20


class DecoderDied(Exception):
    """The process ended, or was killed, before it answered."""


class DecoderProcess:
    """One process. Used by one thread at a time; `kill` may be called by any.

    Raises
    ------
    DecoderDied
        It doesn't start.
    """

    def __init__(self) -> None:
        self.until = float("inf")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "topwork.deployment.serve.decoding.decoder"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for stream in (self._requests, self._answers):
            _widen(stream)
        try:
            receive_answer(self._answers)
        except (EOFError, ValueError) as error:
            self.close()
            raise DecoderDied from error

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def _requests(self) -> BinaryIO:
        stream: Any = self._process.stdin
        found: BinaryIO = stream
        return found

    @property
    def _answers(self) -> BinaryIO:
        stream: Any = self._process.stdout
        found: BinaryIO = stream
        return found

    def decode(
        self, kind: Modality, content: Content, framing: Framing, seconds: float
    ) -> np.ndarray:
        """What ``kind.decode`` gives there.

        Raises
        ------
        BadItem
            The image can't be decoded.
        DecoderDied
            The process ended, or who watches over it killed it after these seconds.
        """
        self.until = time.monotonic() + seconds
        try:
            send_request(self._requests, kind, content, framing)
            answer = receive_answer(self._answers)
        except (EOFError, OSError, ValueError) as error:
            self.kill()
            raise DecoderDied from error
        finally:
            self.until = float("inf")
        if isinstance(answer, np.ndarray):
            return answer
        raise BadItem(str(answer["reason"]), str(answer["detail"]))

    def kill(self) -> None:
        """End it at once."""
        with suppress(OSError):
            self._process.kill()

    def close(self) -> None:
        """End it, and leave nothing open."""
        self.kill()
        self._process.wait()
        for stream in (self._requests, self._answers):
            with suppress(OSError):
                stream.close()


def _widen(stream: BinaryIO) -> None:
    """Let an image through in one piece, where the system can."""
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, _PIPE)
