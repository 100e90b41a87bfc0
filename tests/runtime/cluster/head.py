"""A node of a small Ray cluster on this machine, which ends with the process that started it."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(answer: Path, gcs_address: str | None = None) -> None:
    """The head, which writes its two addresses; or a further node of the head at an address."""
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # loopback only
    import ray
    from ray._private.node import Node
    from ray._private.parameter import RayParams

    parent = os.getppid()
    client = None if gcs_address else free_port()
    parameters = RayParams(
        gcs_address=gcs_address,
        ray_client_server_port=client,
        num_cpus=2 if client else 1,
        object_store_memory=100 * 2**20,
        include_dashboard=False,
        node_ip_address="127.0.0.1",
    )
    node = Node(parameters, head=client is not None, shutdown_at_exit=True, spawn_reaper=True)
    written = answer.with_suffix(".part")
    written.write_text(f"{node.gcs_address} ray://127.0.0.1:{client}")
    written.rename(answer)
    while os.getppid() == parent:
        time.sleep(0.5)
    ray.shutdown()
    node.kill_all_processes()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
