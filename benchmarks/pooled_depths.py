"""Whether pooled features of several depths should be the default: eight sets, the default fit.

Every cut of a packaged network comes out of one pass, so the features cost nothing but a wider
head. They become the default if they gain half a point on average and lose more than that on none.

`python -m benchmarks.pooled_depths`
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.backbones import DEFAULT_BACKBONE
from topwork.cli.samples.surfaces import write_surfaces
from topwork.data import Dataset, read
from topwork.inductive import FitSettings, fit

DEPTHS = f"{DEFAULT_BACKBONE}+depths"
MIN_GAIN, MAX_LOSS = 0.5, 0.5
FEW, MANY = 20, 100
"""Images of each class."""


def main() -> None:
    record = Record("pooled_depths")
    rows: list[tuple[str, int, float, float, float]] = []
    with own_cache() as root:
        for name, data in _sets(record, root):
            pooled, deep = (100 * _score(data, backbone) for backbone in (DEFAULT_BACKBONE, DEPTHS))
            rows.append((name, len(data), pooled, deep, deep - pooled))
            tell(f"{name}: {pooled:.1f} and {deep:.1f}")
    record.table(
        "cross-validated balanced accuracy in percent",
        ("set", "images", "pooled", "several depths", "difference"),
        rows,
    )
    gains = [row[-1] for row in rows]
    record.target("points gained on average", float(np.mean(gains)), least=MIN_GAIN)
    record.target("points lost on the worst set", -min(gains), most=MAX_LOSS)
    record.write()


def _score(data: Dataset, backbone: str) -> float:
    settings = FitSettings(backbone=backbone, baselines=False, name_groups=False)
    scores = fit(data, settings).result.scores
    assert scores is not None
    return scores.balanced_accuracy.value


def _sets(record: Record, root: Path) -> Iterator[tuple[str, Dataset]]:
    for domain in ("photo", "art_painting", "cartoon", "sketch"):
        folder = bench_data(record, "pacs-mini", domain)
        if folder is not None:
            yield f"PACS {domain}", read(folder)
    small = bench_data(record, "cifar-mini", "train")
    if small is not None:
        for per_class in (FEW, MANY):
            yield f"CIFAR-10, {per_class} per class", _part(small, per_class)
    yield "digits", _digits(MANY // 2)
    write_surfaces(root / "surfaces", 0)
    yield "surfaces", read(root / "surfaces" / "test")


def _part(folder: Path, per_class: int) -> Dataset:
    classes = sorted(path for path in folder.iterdir() if path.is_dir())
    files = [(path, c.name) for c in classes for path in sorted(c.iterdir())[:per_class]]
    return read([path for path, _ in files], [label for _, label in files])


def _digits(per_class: int) -> Dataset:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    rows = np.concatenate([np.flatnonzero(bunch.target == k)[:per_class] for k in range(10)])
    images = [
        np.asarray(Image.fromarray((255 - 15 * bunch.images[i]).astype(np.uint8)).convert("RGB"))
        for i in rows
    ]
    return read(images, [int(bunch.target[i]) for i in rows])


if __name__ == "__main__":
    main()
