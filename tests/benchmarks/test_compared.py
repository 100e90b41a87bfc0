"""Results of two commits are paired by what their targets say."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.compared import compared, markdown, recorded_at
from benchmarks.tables import ROOT, results

in_git = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not in a git repository")


def _result(**values: float) -> dict[str, Any]:
    targets = [
        {"what": what, "value": value, "target": "at least 0.5", "met": value >= 0.5}
        for what, value in values.items()
    ]
    return {"targets": targets}


def test_targets_are_paired_by_what_they_say() -> None:
    rows = compared(_result(gone=1.0, gain=0.25), _result(gain=0.75, loss=0.125))
    assert rows == [
        ("gain", "0.25", "0.75", "at least 0.5"),
        ("loss", "–", "0.125", "at least 0.5, **missed**"),
    ]


@in_git
def test_the_same_commit_gives_the_same_numbers() -> None:
    found = results()
    now = recorded_at("HEAD", "kill")
    assert now is not None
    lines = markdown("HEAD", ["kill"], {**found, "kill": now})
    assert len(lines) == 2 + len(now["targets"])
    assert all(row[1] == row[2] for row in compared(now, now))


def test_a_benchmark_that_had_no_result_has_no_numbers_before() -> None:
    assert recorded_at("HEAD", "no_such_benchmark") is None
