"""A Ray cluster of this machine, one for the worker of the session."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

TOKEN = "5e" * 32


class Addresses(NamedTuple):
    """Of a head: for nodes and programs on them, and for other machines."""

    near: str
    far: str


@contextmanager
def node(answer: Path, *of: str, **environment: str) -> Iterator[Addresses]:
    """The head of a cluster, or a further node of the one at an address."""
    secured = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": TOKEN,
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    }
    command = [sys.executable, "-m", "tests.runtime.cluster.head", str(answer), *of]
    with subprocess.Popen(command, env={**os.environ, **secured, **environment}) as process:
        try:
            until = time.monotonic() + 60
            while not answer.exists() and process.poll() is None and time.monotonic() < until:
                time.sleep(0.05)
            yield Addresses(*answer.read_text().split())
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def head(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """The addresses of a head with two cores and a token."""
    with node(tmp_path_factory.mktemp("head") / "addresses") as addresses:
        yield addresses


@pytest.fixture
def joined(head: Addresses, monkeypatch: pytest.MonkeyPatch, socket_enabled) -> str:
    """Commands of this process and of others join the head."""
    monkeypatch.setenv("RAY_ADDRESS", head.near)
    monkeypatch.setenv("RAY_AUTH_TOKEN", TOKEN)
    return head.near
