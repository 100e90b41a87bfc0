"""Keeping the warnings of other libraries to ourselves: they quote what a header says."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from topwork.runtime import watch_forks

_LOGGERS: Final = ("pydicom", "nibabel.global")
_MODULES: Final = r"(pydicom|nibabel)(\.|$)"


class _Quiet:
    """Counts who is inside, on any thread: the first one in and the last one out change things."""

    def __init__(self) -> None:
        self.after_fork()
        watch_forks(self)

    def after_fork(self) -> None:
        self.lock = threading.Lock()
        self.inside = 0
        self.levels: list[int] = []
        self.added: Any = None

    def enter(self) -> None:
        with self.lock:
            self.inside += 1
            if self.inside > 1:
                return
            loggers = [logging.getLogger(name) for name in _LOGGERS]
            self.levels = [logger.level for logger in loggers]
            for logger in loggers:
                logger.setLevel(logging.CRITICAL + 1)
            before = list(warnings.filters)
            warnings.filterwarnings("ignore", module=_MODULES)
            self.added = next((one for one in warnings.filters if one not in before), None)

    def leave(self) -> None:
        with self.lock:
            self.inside -= 1
            if self.inside:
                return
            for name, level in zip(_LOGGERS, self.levels, strict=True):
                logging.getLogger(name).setLevel(level)
            if self.added in warnings.filters:
                warnings.filters.remove(self.added)  # type: ignore[attr-defined]


_quiet = _Quiet()


@contextmanager
def quiet() -> Iterator[None]:
    """No warning and no log record of pydicom or nibabel, on any thread.

    They would name patients: "Invalid value for VR PN: ...". Other modules' warnings are not
    touched.
    """
    _quiet.enter()
    try:
        yield
    finally:
        _quiet.leave()
