"""What the nodes of a cluster have installed, and which files they see."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from topwork.errors import ClusterError

VERSIONED: Final = ("topwork", "numpy", "openvino", "ray")
"""Packages that decide results, which all nodes must have in one version."""


def look(names: Sequence[str], paths: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Versions on a node, and the paths that it doesn't see.

    It is sent as code, because a node may lack topwork, and uses the standard library alone.
    """
    import os
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found, [path for path in paths if not os.path.exists(path)]  # noqa: PTH110  as sent


def check_versions() -> None:
    """Check that all nodes have the versions of this machine.

    Raises
    ------
    ClusterError
        One has another version.
    """
    here, _ = look(VERSIONED, ())
    for node, (there, _) in _looked().items():
        for name, own in here.items():
            if there[name] != own:
                has = f"has {name} {there[name]}" if there[name] else f"lacks {name}"
                raise ClusterError(
                    f"The node {node} {has}, and this machine has {name} {own}.",
                    remedy="Install the same versions of topwork, Python, Ray, NumPy and OpenVINO "
                    "on all nodes.",
                    code="version_mismatch",
                )


def check_paths(paths: Sequence[Path]) -> None:
    """Check that all nodes see what this machine sees.

    Raises
    ------
    ClusterError
        One doesn't see a path.
    """
    for node, (_, unseen) in _looked([str(path.absolute()) for path in paths]).items():
        if unseen:
            raise ClusterError(
                f"The node {node} does not see {unseen[0]}.",
                remedy="Put data and cache (TOPWORK_CACHE_DIR) into a folder that all nodes mount "
                "under the same path, or into object storage.",
                code="unshared_path",
            )


def _looked(paths: Sequence[str] = ()) -> dict[str, tuple[dict[str, str], list[str]]]:
    """What each node says, by its address."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    by_value: Any = ray.cloudpickle
    by_value.register_pickle_by_value(sys.modules[__name__])
    try:
        remote = ray.remote(num_cpus=0, max_retries=3)(look)
        asked = {
            f"{node['NodeManagerAddress']}:{node['NodeManagerPort']}": remote.options(
                scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            ).remote(list(VERSIONED), list(paths))
            for node in ray.nodes()
            if node["Alive"]
        }
        return {name: ray.get(answer) for name, answer in asked.items()}
    finally:
        by_value.unregister_pickle_by_value(sys.modules[__name__])
