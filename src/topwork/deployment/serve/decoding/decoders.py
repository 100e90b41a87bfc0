"""As many processes that decode as are decoded in side by side, each replaced when it is killed."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Final

import numpy as np

from topwork.data import Content, Modality
from topwork.data.preprocessing.framing import Framing
from topwork.deployment.serve.decoding.decoder_process import DecoderDied, DecoderProcess
from topwork.errors import BadItem
from topwork.runtime.cores import usable_cores

MAX_PROCESSES: Final = 4

_TICK: Final = 0.05
"""Seconds between two looks at what takes too long."""

_PAUSE: Final = 1.0
"""Seconds before another try where a process doesn't start."""


class NoDecoder(Exception):
    """All of them were busy, or being replaced, for too long."""


class Decoders:
    """The processes. Any number of threads may use them.

    Parameters
    ----------
    seconds
        After which a process that works on one image is killed.
    replaced
        Is called whenever a process was replaced.
    """

    def __init__(
        self, seconds: float, *, n: int | None = None, replaced: Callable[[], None]
    ) -> None:
        self.seconds = seconds
        self.n = n or min(MAX_PROCESSES, usable_cores())
        self._replaced = replaced
        self._idle: queue.LifoQueue[DecoderProcess] = queue.LifoQueue()
        self._all: set[DecoderProcess] = set()
        self._closed = threading.Event()
        for _ in range(self.n):
            threading.Thread(target=self._start, name="decoder", daemon=True).start()
        threading.Thread(target=self._watch, name="decoders", daemon=True).start()

    @property
    def pids(self) -> list[int]:
        """Of the processes that live."""
        return [one.pid for one in list(self._all)]

    def decode(
        self,
        kind: Modality,
        content: Content,
        framing: Framing,
        until: Callable[[], float],
        *,
        patience: float | None = None,
    ) -> np.ndarray:
        """What ``kind.decode`` gives.

        Parameters
        ----------
        until
            The time by ``time.monotonic`` after which nobody waits for it any more.
        patience
            Seconds for which one is waited for that is free; by default as long as decoding may
            take.

        Raises
        ------
        BadItem
            The image can't be decoded, or not in time (``too_costly``).
        NoDecoder
            There was too little time for it.
        """
        patience = self.seconds if patience is None else patience
        for again in (True, False):
            one = self._free(min(patience, until() - time.monotonic()))
            begun = time.monotonic()
            seconds = min(self.seconds, until() - begun)
            try:
                return self._decoded(one, kind, content, framing, seconds)
            except DecoderDied as died:
                late = time.monotonic() >= begun + seconds
                if late and seconds < self.seconds:
                    raise NoDecoder from died
                if late or not again:  # otherwise it may have ended while it was idle
                    why = f"not decoded within {seconds:g} s" if late else "its decoder crashed"
                    raise BadItem("too_costly", why) from died
        raise AssertionError

    def _decoded(
        self,
        one: DecoderProcess,
        kind: Modality,
        content: Content,
        framing: Framing,
        seconds: float,
    ) -> np.ndarray:
        usable = False
        try:
            pixels = one.decode(kind, content, framing, seconds)
            usable = True
        except BadItem:
            usable = True
            raise
        finally:
            if usable:
                self._idle.put(one)
            else:
                self._replace(one)
        return pixels

    def _free(self, seconds: float) -> DecoderProcess:
        if seconds <= 0:
            raise NoDecoder
        try:
            return self._idle.get(timeout=seconds)
        except queue.Empty:
            raise NoDecoder from None

    def close(self) -> None:
        """End all of them."""
        self._closed.set()
        for one in list(self._all):
            one.kill()  # who waits for its answer gets none
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _start(self) -> None:
        while not self._closed.is_set():
            try:
                one = DecoderProcess()
            except (DecoderDied, OSError):
                self._closed.wait(_PAUSE)
                continue
            self._all.add(one)
            self._idle.put(one)
            if self._closed.is_set():
                self.close()
            return

    def _replace(self, one: DecoderProcess) -> None:
        self._all.discard(one)
        one.close()
        self._replaced()
        threading.Thread(target=self._start, name="decoder", daemon=True).start()

    def _watch(self) -> None:
        while not self._closed.wait(_TICK):
            now = time.monotonic()
            for one in list(self._all):
                if now > one.until:
                    one.kill()
