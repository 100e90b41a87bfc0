"""What a forked process may not use of the one that it was forked from.

Only the thread that called ``fork`` goes on in the child. Whatever waits for another thread of the
parent waits for ever: so such things are left alone there, never even closed, and made anew.
"""

from __future__ import annotations

import ctypes
import os
import sys
import weakref
from collections.abc import Iterable
from typing import Any, Protocol


class Forkable(Protocol):
    """Holds something with threads."""

    def after_fork(self) -> None:
        """Let go of it in the child, without closing it."""
        ...


_holders: weakref.WeakSet[Any] = weakref.WeakSet()


def watch_forks(holder: Forkable) -> None:
    """Tell ``holder`` in every process that is forked from this one, as long as it lives."""
    _holders.add(holder)


def keep_for_ever(things: Iterable[object]) -> None:
    """See that none of them is ever closed, not even when the interpreter ends."""
    for thing in things:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


def _after_fork() -> None:
    for holder in list(_holders):
        holder.after_fork()
    _one_thread_in_openmp()


def _one_thread_in_openmp() -> None:
    """GNU's OpenMP would wait for the parent's threads; with one thread it needs none."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    if "threadpoolctl" in sys.modules:
        sys.modules["threadpoolctl"].threadpool_limits(limits=1, user_api="openmp")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
