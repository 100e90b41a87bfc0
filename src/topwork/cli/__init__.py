"""The command line: parses, calls, prints."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading

OBJECTS_BEFORE_COLLECTION = 50_000
"""What is imported and read at the start of a command is kept to its end: with Python's own 700,
looking for what could be freed took 0.05 s of a fit of 45 images."""


def main() -> None:
    """Run ``topwork`` and end the process with its exit status."""
    gc.set_threshold(OBJECTS_BEFORE_COLLECTION)
    from topwork.cli.app import run

    _end(run(sys.argv[1:]))


def _end(status: int) -> None:
    """End the process without freeing everything first, which the system does at once."""
    if threading.active_count() > 1:
        sys.exit(status)
    try:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):  # a closed pipe, or no stream at all
        sys.exit(status)
    os._exit(status)
