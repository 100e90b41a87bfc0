"""topwork's extraction in pieces, to measure one without the others; also as a process of its own.

`python -m benchmarks.frozen FOLDER` extracts all images below a folder into the store of
`TOPWORK_CACHE_DIR`, and prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from topwork.backbones import DEFAULT_BACKBONE, POOLED, Backbone, resolve
from topwork.backbones.engines import Engine, open_engine
from topwork.data import Framing, Geometry, ImageModality, Item, read_items
from topwork.features import (
    Extraction,
    FeatureRequest,
    FeatureStore,
    LanceStore,
    extract,
    fingerprint,
)
from topwork.features.opened_backbone import framing_for
from topwork.runtime import cache_folder
from topwork.runtime.progress import Progress, silent


@dataclass(frozen=True)
class Frozen:
    """What extraction needs besides the items, opened once."""

    backbone: Backbone
    framing: Framing
    engine: Engine

    @classmethod
    def opened(cls, backbone: str = DEFAULT_BACKBONE, *, geometry: Geometry = "squeeze") -> Frozen:
        """As `topwork fit` opens it, in the current cache folder."""
        handle = resolve(backbone)
        engine, _ = open_engine(handle, cut=POOLED, graphs=cache_folder() / "graphs")
        return cls(handle, framing_for(handle, geometry), engine)

    def store(self, root: Path | None = None) -> LanceStore:
        """The store in ``root``, or in the current cache folder."""
        key = fingerprint(
            self.backbone,
            cut=POOLED,
            framing=self.framing,
            engine=self.engine.name,
            precision=self.engine.precision,
        )
        return LanceStore(root or cache_folder() / "features", key)

    def extract(
        self, items: Sequence[Item], store: FeatureStore, progress: Progress = silent
    ) -> Extraction:
        """One pass over the items."""
        return extract(
            items,
            FeatureRequest(self.framing, self.engine, store),
            kind=ImageModality(),
            progress=progress,
        )


def peak_bytes() -> int:
    """The most memory that this process has had so far.

    `ru_maxrss` would count what the parent had before it started this process.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    options = _options()
    if options.flush_seconds is not None:
        import topwork.features.store as store_module

        store_module.FLUSH_SECONDS = options.flush_seconds
    begun = time.perf_counter()
    frozen = Frozen.opened(options.backbone)
    opened = time.perf_counter()
    before = peak_bytes()
    found = frozen.extract(
        read_items(options.folder)[: options.limit],
        frozen.store(options.store),
        (lambda done, _: print(done, flush=True)) if options.progress else silent,
    )
    print(json.dumps(_facts(found, opened - begun, before)), flush=True)


def _facts(found: Extraction, open_seconds: float, before: int) -> dict[str, Any]:
    return {
        "computed": found.computed,
        "cached": found.cached,
        "rejected": len(found.rejected),
        "open_seconds": open_seconds,
        "extract_seconds": found.seconds,
        "peak_before": before,
        "peak": peak_bytes(),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--backbone", default=DEFAULT_BACKBONE)
    parser.add_argument("--store", type=Path, help="folder of the store")
    parser.add_argument("--limit", type=int, help="images at most")
    parser.add_argument("--flush-seconds", type=float, help="between commits")
    parser.add_argument("--progress", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
