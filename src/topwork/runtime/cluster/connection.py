"""Starting Ray on this machine, or joining a cluster: with a token, without telemetry."""

from __future__ import annotations

import ipaddress
import os
import secrets
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from topwork.errors import ClusterError
from topwork.installation import require
from topwork.runtime.cluster.address import host_and_port
from topwork.runtime.cluster.guard import guarded
from topwork.runtime.cores import usable_cores

_ANSWER_SECONDS = 5.0
"""How long the head of a cluster may take to accept a connection."""

_MAX_FOLDER = 40
"""Characters of a folder for sockets, whose paths may have 107 on Linux."""

_TOKEN_FILE = Path("~/.ray/auth_token")


def connect(address: str | None, n_workers: int | None = None) -> Callable[[], None]:
    """Join the cluster at an address, or start Ray here; the result ends that.

    Ray that was initialised before is used as it is, and left running.

    Parameters
    ----------
    address
        ``ray://HOST:PORT`` or ``HOST:PORT``; None for Ray on this machine alone, which listens
        on the loopback interface only.
    n_workers
        Of Ray on this machine alone; one for each core for None.

    Raises
    ------
    BackboneError
        The extra ``scale`` is not installed.
    ClusterError
        The head doesn't answer, refuses the token, or runs another version.
    """
    require("Running tasks on Ray", ("ray",))
    if address is not None:
        host, port = host_and_port(address)
        _set_environment(loopback=_is_loopback(host))
        _check_token(address)
        _check_answers(address, host, port)
        return _initialised(address, address=address)
    _set_environment(loopback=True)
    if not _has_token():
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    folder = _socket_folder()
    guard = guarded(folder)
    try:
        end = _initialised(
            "this machine",
            address="local",
            num_cpus=n_workers or usable_cores(),
            include_dashboard=False,
            _temp_dir=folder,
        )
    except BaseException:
        guard.communicate()
        raise

    def end_all() -> None:
        end()
        guard.communicate()

    return end_all


def _set_environment(*, loopback: bool) -> None:
    """What Ray reads when it is imported and started."""
    os.environ["RAY_AUTH_MODE"] = "token"
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # what Ray would tell people about versions to come is nothing that they can act on
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    os.environ.setdefault("RAY_task_oom_retries", "3")
    # of each a second, while a head refuses the token
    os.environ.setdefault("RAY_NUM_REDIS_GET_RETRIES", "3")
    if loopback:
        # the one setting by which nodes listen on 127.0.0.1, on any system
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"


def _initialised(where: str, **settings: Any) -> Callable[[], None]:
    import ray

    if ray.is_initialized():
        return _nothing
    try:
        ray.init(log_to_driver=False, logging_level="ERROR", **settings)
    except Exception as error:
        raise _refused(where, error) from error
    _say_on_standard_error()
    end: Callable[[], None] = ray.shutdown
    return end


def _say_on_standard_error() -> None:
    """Ray prints what becomes of workers on standard output, which is for results."""
    from ray._private import worker

    printed = getattr(worker, "print_to_stdstream", None)
    if printed is None or getattr(printed, "__module__", "") == __name__:
        return

    def to_standard_error(data: Any, *more: Any, **named: Any) -> None:
        printed({**data, "is_err": True}, *more, **named)

    worker.print_to_stdstream = to_standard_error


def _nothing() -> None:
    """Ends what was not begun here."""


def _refused(where: str, error: Exception) -> ClusterError:
    said = " ".join(str(error).split())
    # a connection was accepted before, so that what fails now is what is said first
    if "token" in said.lower() or "Failed to connect to Ray cluster" in said:
        return ClusterError(
            f"The Ray cluster at {where} refuses this machine, most likely for its token.",
            remedy="Set RAY_AUTH_TOKEN to the token that its head was started with.",
            code="cluster_token",
        )
    if "version mismatch" in said.lower():
        return ClusterError(
            f"The Ray cluster at {where} runs another version of Ray or Python: {said[:300]}",
            remedy="Install the same versions of topwork, Python, Ray, NumPy and OpenVINO on all "
            "machines.",
            code="version_mismatch",
        )
    return ClusterError(
        f"Ray cannot be used at {where}: {said[:300] or type(error).__name__}",
        remedy="Check that its head runs and answers, or leave --executor (executor) out.",
        code="unreachable_cluster",
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _has_token() -> bool:
    named = os.environ.get("RAY_AUTH_TOKEN") or os.environ.get("RAY_AUTH_TOKEN_PATH")
    return bool(named) or _TOKEN_FILE.expanduser().is_file()


def _check_token(address: str) -> None:
    if not _has_token():
        raise ClusterError(
            f"There is no token for the Ray cluster at {address}.",
            remedy="Start its head with RAY_AUTH_MODE=token, and set RAY_AUTH_TOKEN or "
            "RAY_AUTH_TOKEN_PATH to its token here.",
            code="cluster_token",
        )


def _check_answers(address: str, host: str, port: int) -> None:
    """Ask for a connection first: Ray itself waits for minutes."""
    try:
        socket.create_connection((host, port), timeout=_ANSWER_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(
            f"No Ray cluster answers at {address}.",
            remedy="Check the address and that the head runs (ray start --head).",
            code="unreachable_cluster",
        ) from error


def _socket_folder() -> str:
    usual = tempfile.gettempdir()
    return tempfile.mkdtemp(prefix="topwork-", dir=usual if len(usual) < _MAX_FOLDER else "/tmp")  # noqa: S108  Ray's own
