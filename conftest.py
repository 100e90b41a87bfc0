"""Tests that run side by side keep to cores of their own.

Before numpy is imported: libraries count the cores once, and threads of two workers on the same
cores wait for each other (a test of 2 s took 40).
"""

from __future__ import annotations

import os

import pytest


def keep_to_own_cores() -> None:
    """Bind this worker of several to its share of the cores."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None or not hasattr(os, "sched_setaffinity"):
        return
    workers = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    own = sorted(os.sched_getaffinity(0))[int(worker.removeprefix("gw")) :: workers]
    if own:
        os.sched_setaffinity(0, own)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--precision`` stands in for a processor with or without bfloat16 units."""
    parser.addoption(
        "--precision",
        choices=("auto", "float32", "bfloat16"),
        help="what engines and training at 'auto' compute in; by default as TOPWORK_PRECISION says",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Set it for this process and for those that tests start."""
    precision = config.getoption("--precision")
    if precision is not None:
        os.environ["TOPWORK_PRECISION"] = precision


keep_to_own_cores()
