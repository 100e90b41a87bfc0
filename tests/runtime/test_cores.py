"""How many cores a process may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from topwork.runtime import usable_cores
from topwork.runtime.cores import quotas


def test_affinity_is_kept_to() -> None:
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("this system binds no process to cores")
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_quotas_of_control_groups(tmp_path: Path) -> None:
    group = tmp_path / "v2" / "pod" / "box"
    group.mkdir(parents=True)
    (group / "cpu.max").write_text("max 100000\n")
    (group.parent / "cpu.max").write_text("150000 100000\n")
    own = tmp_path / "own"
    own.write_text("0::/pod/box\n")
    assert list(quotas(tmp_path / "v2", own)) == [1.5]
    old = tmp_path / "v1" / "cpu,cpuacct" / "box"
    old.mkdir(parents=True)
    (old / "cpu.cfs_quota_us").write_text("50000\n")
    (old / "cpu.cfs_period_us").write_text("100000\n")
    own.write_text("3:cpu,cpuacct:/box\n2:memory:/box\n")
    assert list(quotas(tmp_path / "v1", own)) == [0.5]
    assert list(quotas(tmp_path / "v1", tmp_path / "missing")) == []
