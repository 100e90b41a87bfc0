"""The process that decodes images: it is killed when one takes too long.

It reads requests from its standard input and answers to its standard output, one after the other.
It ends with its input, so never later than the process that started it, unless it hangs: then by an
alarm of its own.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

MAX_MEMORY: Final = 2 << 30
"""Bytes of address space beyond what the process has when it begins."""

MAX_SECONDS: Final = 60
"""The alarm: of one image, where the server was killed in the meantime."""


def decode_for_ever(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    from topwork.deployment.serve.decoding.wire import receive_request, send_pixels, send_words
    from topwork.errors import BadItem

    send_words(answers, ready=True)
    while True:
        kind, content, framing = receive_request(requests)
        _set_alarm(MAX_SECONDS)
        try:
            pixels = kind.decode(content, framing)
        except BadItem as bad:
            send_words(answers, reason=bad.reason, detail=bad.detail)
        except MemoryError:
            send_words(answers, reason="too_costly", detail="decoding it needs too much memory")
        else:
            send_pixels(answers, pixels)
        _set_alarm(0)


def _set_alarm(seconds: int) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


def _confine() -> None:
    """Bound its memory, and let it write no file."""
    try:
        import resource
    except ImportError:  # not on this system
        return
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        present = pages * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (present + MAX_MEMORY,) * 2)


def main() -> None:
    """Decode what standard input asks for."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # libraries that print disturb nothing
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends it
    import simplejpeg  # noqa: F401  before memory is bounded, and before the first image waits
    from PIL import Image

    import topwork.deployment.serve.decoding.wire  # noqa: F401

    Image.preinit()
    _confine()
    with suppress(EOFError, BrokenPipeError):
        decode_for_ever(sys.stdin.buffer, answers)
    os._exit(0)


if __name__ == "__main__":
    main()
