"""The head of a small Ray cluster, which ends with the process that started it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path


def main(answer: Path) -> None:
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # loopback only
    import ray

    parent = os.getppid()
    found = ray.init(
        address="local",
        num_cpus=2,
        include_dashboard=False,
        object_store_memory=100 * 2**20,
        log_to_driver=False,
        logging_level="ERROR",
    )
    assert found is not None
    written = answer.with_suffix(".part")
    written.write_text(ray.get_runtime_context().gcs_address)
    written.rename(answer)
    while os.getppid() == parent:
        time.sleep(0.5)
    ray.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
