"""The demo's task for many seeds: five patches of each surface to learn from.

`python -m benchmarks.demo_seeds`
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from benchmarks.caches import own_cache
from benchmarks.precision import computed_in
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.backbones import DEFAULT_BACKBONE
from topwork.cli.samples.surfaces import write_surfaces
from topwork.data import read
from topwork.inductive import FitSettings, fit

SEEDS = range(20)
BACKBONES = (DEFAULT_BACKBONE, "pixels")
SINGLE = f"{DEFAULT_BACKBONE} in float32"
"""What processors without bfloat16 units give."""

MIN_MEAN = 0.98


def main() -> None:
    record = Record("demo_seeds")
    begun = time.monotonic()
    scores: dict[str, list[float]] = {name: [] for name in (*BACKBONES, SINGLE)}
    with own_cache() as root:
        for seed in SEEDS:
            images = root / f"seed-{seed}"
            write_surfaces(images, seed)
            for backbone in BACKBONES:
                scores[backbone].append(_balanced_accuracy(images, backbone, seed))
            with computed_in("float32"):
                scores[SINGLE].append(_balanced_accuracy(images, DEFAULT_BACKBONE, seed))
            tell(f"seed {seed}: " + ", ".join(f"{b} {s[-1]:.3f}" for b, s in scores.items()))
    record.table(
        f"balanced accuracy on held-out patches, {len(SEEDS)} seeds",
        ("backbone", "mean", "min", "max"),
        [(b, float(np.mean(s)), min(s), max(s)) for b, s in scores.items()],
    )
    record.note("balanced accuracy of each seed", scores[DEFAULT_BACKBONE])
    record.note("balanced accuracy of each seed in float32", scores[SINGLE])
    record.note("seconds", time.monotonic() - begun)
    record.target("mean over the seeds", float(np.mean(scores[DEFAULT_BACKBONE])), least=MIN_MEAN)
    record.write()


def _balanced_accuracy(images: Path, backbone: str, seed: int) -> float:
    fitted = fit(read(images), FitSettings(backbone=backbone, seed=seed))
    found = fitted.model.evaluate(read(images, split="test"))
    return found.scores.balanced_accuracy.value


if __name__ == "__main__":
    main()
