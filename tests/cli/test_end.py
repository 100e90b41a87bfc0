"""How the process of a command ends: at once, and with nothing lost."""

from __future__ import annotations

import subprocess
import sys

import pytest

_COMMAND = """
import atexit, os, sys, threading, time
import topwork.cli.app
atexit.register(lambda: print("cleaned up"))

class Slow:
    def __del__(self):
        time.sleep(60)

def run(arguments):
    print("x" * 100_000)
    sys.modules["kept"] = Slow()
    if "thread" in arguments:
        threading.Thread(target=lambda: (time.sleep(0.5), print("thread ended"))).start()
        del sys.modules["kept"].__class__.__del__
    return 2

topwork.cli.app.run = run
topwork.cli.main()
"""


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-c", _COMMAND, *arguments),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_everything_is_printed_and_cleaned_up_and_nothing_else_waited_for() -> None:
    done = _run()
    assert done.returncode == 2, done.stderr
    assert done.stdout == "x" * 100_000 + "\ncleaned up\n"


def test_a_thread_may_end_its_work() -> None:
    done = _run("thread")
    assert done.returncode == 2, done.stderr
    assert done.stdout.endswith("x\nthread ended\ncleaned up\n")


@pytest.mark.parametrize("closed", ["1>&-", "2>&-"])
def test_a_closed_stream_is_no_error(closed: str) -> None:
    done = subprocess.run(
        f'"{sys.executable}" -m topwork --help {closed}',
        shell=True,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert closed == "1>&-" or done.stdout.startswith("Usage: ")
