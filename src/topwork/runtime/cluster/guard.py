"""A process that ends Ray of this machine, and removes its files, once its parent is gone.

Ray's own processes see it, too, but some of them only after a minute; files stay for ever.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

_ROUNDS = 3
"""How often processes are looked for: one may be starting another."""


def guarded(folder: str) -> subprocess.Popen[bytes]:
    """The guard of the folder that Ray was started in; it acts when its standard input ends."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", __file__, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # keys pressed in the terminal are for the parent
    )


def end_all(folder: Path, parent: int) -> None:
    """Kill every process but the parent that has a file of this folder open, and remove it."""
    for _ in range(_ROUNDS):
        for process in Path("/proc").glob("[0-9]*"):
            spared = int(process.name) in (os.getpid(), parent)
            if not spared and _uses(process, str(folder)):
                with suppress(OSError):
                    os.kill(int(process.name), signal.SIGKILL)
        time.sleep(0.2)
    shutil.rmtree(folder, ignore_errors=True)


def _uses(process: Path, folder: str) -> bool:
    with suppress(OSError):
        for opened in (process / "fd").iterdir():
            with suppress(OSError):
                if os.readlink(opened).startswith(f"{folder}/"):  # noqa: PTH115  a hot loop
                    return True
    return False


if __name__ == "__main__":
    started_by = os.getppid()
    sys.stdin.buffer.read()
    end_all(Path(sys.argv[1]), started_by)
