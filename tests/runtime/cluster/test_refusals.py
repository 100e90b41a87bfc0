"""What a cluster must be before anything is computed on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.cluster.conftest import TOKEN, Addresses, node
from topwork import installation
from topwork.errors import ClusterError
from topwork.runtime.cluster.ray_executor import RayExecutor


@pytest.fixture
def no_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_a_head_that_does_not_answer(monkeypatch, socket_enabled) -> None:
    monkeypatch.setenv("RAY_AUTH_TOKEN", TOKEN)
    with pytest.raises(ClusterError, match=r"No Ray cluster answers at ray://127.0.0.1:9") as said:
        RayExecutor("ray://127.0.0.1:9").__enter__()
    assert said.value.code == "unreachable_cluster"


def test_a_cluster_without_a_token(no_token) -> None:
    with pytest.raises(ClusterError, match="no token") as said:
        RayExecutor("10.0.0.1:6379").__enter__()
    assert said.value.code == "cluster_token"


def test_a_missing_extra(monkeypatch) -> None:
    monkeypatch.setattr(installation, "missing", tuple)
    with pytest.raises(installation.BackboneError, match="extra scale") as said:
        RayExecutor().__enter__()
    assert said.value.code == "missing_extra"


_JOIN = """
import json, sys
from topwork.errors import ClusterError
from topwork.runtime.cluster.ray_executor import RayExecutor
try:
    with RayExecutor(sys.argv[1] if len(sys.argv) > 1 else None) as executor:
        print(json.dumps(executor.map(abs, [-1, 2])))
except ClusterError as error:
    print(json.dumps([error.code, error.message]))
"""


def _joined(*address: str, **environment: str) -> Any:
    """What another process gets from the cluster."""
    done = subprocess.run(
        [sys.executable, "-c", _JOIN, *address],
        env={**os.environ, "RAY_AUTH_TOKEN": TOKEN, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert TOKEN not in done.stdout + done.stderr
    return json.loads(done.stdout)


def test_a_wrong_token(head: Addresses) -> None:
    code, message = _joined(head.near, RAY_AUTH_TOKEN="6f" * 32)
    assert code == "cluster_token"
    assert head.near in message


def test_ray_of_this_machine_ends_with_its_caller() -> None:
    with tempfile.TemporaryDirectory(
        prefix="t", dir="/tmp"
    ) as folder:  # paths of sockets are short
        assert _joined(TMPDIR=folder) == [1, 2]
        assert not list(Path(folder).iterdir())


def test_another_machine_joins_by_the_address_for_it(head: Addresses) -> None:
    assert _joined(head.far) == [1, 2]


def test_a_folder_that_workers_do_not_see(joined: str, tmp_path: Path, monkeypatch) -> None:
    with (
        RayExecutor(joined) as executor,
        pytest.raises(ClusterError, match="does not see") as said,
    ):
        executor.check_shared([tmp_path, tmp_path / "gone"])
    assert str(tmp_path / "gone") in said.value.message
    assert said.value.code == "unshared_path"


def test_another_version_on_a_node(head: Addresses, tmp_path: Path) -> None:
    record = tmp_path / "topwork-9.9.dist-info" / "METADATA"
    record.parent.mkdir()
    record.write_text("Metadata-Version: 2.1\nName: topwork\nVersion: 9.9\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    with node(tmp_path / "answer", head.near, PYTHONPATH=path):
        code, message = _joined(head.near)
    assert code == "version_mismatch"
    assert "has topwork 9.9, and this machine has topwork" in message
