"""Extra data, which the project does not hold: found through `TOPWORK_BENCH_DATA` or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks.record import Record

VARIABLE = "TOPWORK_BENCH_DATA"


def bench_data(record: Record, *parts: str) -> Path | None:
    """The folder ``parts`` of the extra data; None, said loudly, where it is not there."""
    root, name = os.environ.get(VARIABLE), "/".join(parts)
    folder = Path(root, *parts) if root else None
    if folder is not None and folder.is_dir():
        return folder
    why = f"{VARIABLE} is not set" if folder is None else f"not in the folder of {VARIABLE}"
    record.skip(f"{name}: {why}")
    print(f"\n*** {name} IS SKIPPED: {why} ***\n", file=sys.stderr, flush=True)
    return None
