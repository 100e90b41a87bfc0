"""A Ray cluster of this machine, one for the worker of the session."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

TOKEN = "5e" * 32


@pytest.fixture(scope="session")
def head(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a head with two cores and a token."""
    answer = tmp_path_factory.mktemp("head") / "address"
    environment = {
        **os.environ,
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": TOKEN,
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    command = [sys.executable, "-m", "tests.runtime.cluster.head", str(answer)]
    with subprocess.Popen(command, env=environment) as process:
        try:
            until = time.monotonic() + 60
            while not answer.exists() and process.poll() is None and time.monotonic() < until:
                time.sleep(0.05)
            yield answer.read_text()
        finally:
            process.terminate()


@pytest.fixture
def joined(head: str, monkeypatch: pytest.MonkeyPatch, socket_enabled) -> str:
    """Commands of this process and of others join the head."""
    monkeypatch.setenv("RAY_ADDRESS", head)
    monkeypatch.setenv("RAY_AUTH_TOKEN", TOKEN)
    return head
