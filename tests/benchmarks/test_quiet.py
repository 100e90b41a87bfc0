"""A benchmark doesn't measure beside other work without saying so."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from benchmarks.quiet import MAX_LOAD, OtherWork, asked_anyway, wait_for_quiet


def test_anyway_is_taken_out_of_the_arguments() -> None:
    arguments = ["program", "--anyway", "5"]
    assert asked_anyway(arguments)
    assert arguments == ["program", "5"]
    assert not asked_anyway(arguments)


def test_a_busy_machine_is_refused_unless_asked() -> None:
    load = os.getloadavg()[0]
    assert wait_for_quiet(anyway=True) == pytest.approx(load, abs=0.5)
    if load > MAX_LOAD + 0.2:
        with pytest.raises(SystemExit, match="--anyway"):
            wait_for_quiet(anyway=False, patience=-1)
    elif load < MAX_LOAD - 0.2:
        assert wait_for_quiet(anyway=False) <= MAX_LOAD


def test_work_of_ones_own_children_is_not_other_work() -> None:
    """The same seconds of processor time count as other work only while nobody has waited."""
    burn = "import time\nwhile time.process_time() < 0.7: pass"
    work = OtherWork()
    subprocess.run([sys.executable, "-c", burn], check=True)
    own = work.cores()
    work = OtherWork()
    other = subprocess.Popen([sys.executable, "-c", burn], start_new_session=True)
    while other.returncode is None and not os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT):
        pass
    not_waited_for = work.cores()
    other.wait()
    assert not_waited_for > own
