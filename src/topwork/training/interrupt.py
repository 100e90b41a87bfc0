"""Ctrl-C once: end after the batch. Twice: end now."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupt:
    """Whether Ctrl-C was pressed; true as soon as it was."""

    def __init__(self) -> None:
        self._pressed = False

    def __bool__(self) -> bool:
        return self._pressed

    def press(self, signum: int, frame: FrameType | None) -> None:
        """A signal handler; the second time it raises ``KeyboardInterrupt``."""
        if self._pressed:
            signal.default_int_handler(signum, frame)
        self._pressed = True


@contextmanager
def interruptible() -> Iterator[Interrupt]:
    """Notes Ctrl-C inside instead of raising; does nothing outside the main thread."""
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    before = signal.signal(signal.SIGINT, interrupt.press)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)
