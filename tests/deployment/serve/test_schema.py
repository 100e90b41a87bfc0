"""The API as it describes itself, tried by schemathesis with good and bad requests."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from tests.deployment.serve.serving import Server

EXAMPLES: Final = int(os.environ.get("TOPWORK_SCHEMA_EXAMPLES", "15"))
"""Of each kind and operation; `make nightly` asks for 1,000."""

pytestmark = [
    pytest.mark.usefixtures("socket_enabled"),
    pytest.mark.skipif(
        find_spec("schemathesis") is None,
        reason="schemathesis is not installed: the API is not tried with requests of all kinds",
    ),
]


def test_no_request_breaks_what_is_described(server: Server, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{server.port}/openapi.json"
    done = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "run", address, "--checks", "all",
            "--exclude-checks", "positive_data_acceptance",  # no schema says what an image is
            "--mode", "all", "--max-examples", str(EXAMPLES), "--seed", "1", "--no-color",
        ],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert server.ask("/healthz").status == 200
    assert server.metric("topwork_waiting_items") == 0
