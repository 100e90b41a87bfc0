"""What growing data cost: only new images are computed, time grows with the images and memory not.

`python -m benchmarks.growth`
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.caches import own_cache
from benchmarks.images import write_thumbnails
from benchmarks.record import Record
from benchmarks.timing import run, tell
from topwork.backbones import DEFAULT_BACKBONE

STORED, ADDED = 30_000, 3_000
SIZES = {"pixels": (1_000, 10_000, 100_000), DEFAULT_BACKBONE: (500, 2_000, 8_000)}
"""Small pictures in a cheap backbone, where everything but the network is what is measured."""

MAX_OF_TIME, MAX_OF_MEMORY = 1.05, 0.1


def main() -> None:
    record = Record("growth")
    with own_cache() as root:
        write_thumbnails(root / "many", max(max(sizes) for sizes in SIZES.values()))
        tell("the images are written")
        _exponents(record, root / "many", root)
        write_thumbnails(root / "stored", STORED, seed=2)
        _added(record, root / "stored")
    record.write()


def _added(record: Record, images: Path) -> None:
    first = _extract(images, "pixels")
    write_thumbnails(images / "later", ADDED, seed=1)
    second = _extract(images, "pixels")
    third = _extract(images, "pixels")
    record.table(
        f"{ADDED} images added to {STORED}, backbone pixels",
        ("extraction of", "computed", "cached", "seconds"),
        [
            (name, f["computed"], f["cached"], f["extract_seconds"])
            for name, f in (
                (f"{STORED} images", first),
                (f"{ADDED} more", second),
                ("the same again", third),
            )
        ],
    )
    record.target("computed beyond the added images", second["computed"] - ADDED, most=0)
    record.target("computed when nothing was added", third["computed"], most=0)


def _exponents(record: Record, images: Path, root: Path) -> None:
    for backbone, sizes in SIZES.items():
        _extract(images, backbone, limit=8, store=root / "export")  # so that no run exports
        found = [
            _extract(images, backbone, limit=n, store=root / f"{backbone[:6]}-{n}") for n in sizes
        ]
        megabytes = [f["peak"] / 1e6 for f in found]
        seconds = [f["extract_seconds"] for f in found]
        record.table(
            f"extraction, backbone {backbone}",
            ("images", "s", "images/s", "peak MB", "MB before the first image"),
            [
                (str(n), s, n / s, mb, f["peak_before"] / 1e6)
                for n, s, mb, f in zip(sizes, seconds, megabytes, found, strict=True)
            ],
        )
        for what, values, most in (
            ("time", seconds, MAX_OF_TIME),
            ("memory", megabytes, MAX_OF_MEMORY),
        ):
            exponent = float(np.polyfit(np.log(sizes), np.log(values), 1)[0])
            record.target(f"{backbone}: exponent of {what} over images", exponent, most=most)


def _extract(
    images: Path, backbone: str, *, limit: int | None = None, store: Path | None = None
) -> dict[str, Any]:
    """In a process of its own, whose peak memory is that of this one extraction."""
    options = ["--backbone", backbone]
    options += [] if limit is None else ["--limit", str(limit)]
    options += [] if store is None else ["--store", str(store)]
    command = (sys.executable, "-m", "benchmarks.frozen", str(images), *options)
    facts: dict[str, Any] = json.loads(run(*command).stdout)
    tell(f"{backbone}: {facts}")
    return facts


if __name__ == "__main__":
    main()
