"""The whole of `topwork fit` on 101 classes of 30 images, as a process: first with nothing stored,
then from stored features, then `--thorough` from stored features.

`python -m benchmarks.scale`
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.caches import own_cache
from benchmarks.images import mean_bytes, write_classes
from benchmarks.programs import TOPWORK
from benchmarks.record import Record
from benchmarks.timing import Spent, medians, peak_bytes_of, run, spent, tell

CLASSES, PER_CLASS = 101, 30
REPEATS = 2
MAX_COLD, MAX_WARM, MAX_DEEP = 60.0, 25.0, 120.0
MAX_MEMORY, MAX_PAGE = 2.0, 5.0


def main() -> None:
    record = Record("scale")
    cold: list[tuple[Spent, dict[str, Any]]] = []
    warm: list[tuple[Spent, dict[str, Any]]] = []
    deep: list[tuple[Spent, dict[str, Any]]] = []
    with own_cache() as place:
        images = write_classes(place / "images", CLASSES, PER_CLASS)
        tell("the images are written")
        for _ in range(REPEATS):
            with own_cache() as root:
                cold.append(_fit(images, root))
                warm.append(_fit(images, root))
                _fit(images, root, "--thorough")  # the untrained network's features get stored
                deep.append(_fit(images, root, "--thorough"))
                peak = peak_bytes_of(*_command(images, root, "--thorough"))
                page = (root / "model.topwork" / "report.html").stat().st_size
        size = mean_bytes(list(images.glob("*/*.jpg")))
    assert all(r["features"]["computed"] == CLASSES * PER_CLASS for _, r in cold)
    assert all(r["features"]["computed"] == 0 for _, r in warm)
    record.table(
        f"topwork fit, {CLASSES} classes of {PER_CLASS} JPEGs, medians",
        ("process", "seconds", "processor s", "features s", "head s", "judge s", "read s"),
        [
            _row("cold: nothing is stored", cold),
            _row("warm: features are stored", warm),
            _row("--thorough, features are stored", deep),
        ],
    )
    record.note("mean KB a file", size / 1e3)
    score = cold[0][1]["scores"]["balanced_accuracy"]["value"]
    record.note("balanced accuracy, cross-validated", score)
    record.target("seconds cold", medians([s for s, _ in cold]).wall, most=MAX_COLD)
    record.target("seconds warm", medians([s for s, _ in warm]).wall, most=MAX_WARM)
    record.target("seconds --thorough", medians([s for s, _ in deep]).wall, most=MAX_DEEP)
    record.target("GB of memory, --thorough", peak / 1e9, most=MAX_MEMORY)
    record.target("MB of the report", page / 1e6, most=MAX_PAGE)
    record.write()


def _fit(images: Path, root: Path, *more: str) -> tuple[Spent, dict[str, Any]]:
    said = []
    command = _command(images, root, *more)
    time = spent(lambda: said.append(run(*command).stdout))
    tell(f"{time.wall:.1f} s, {time.cpu:.1f} s of processors")
    return time, json.loads(said[0])


def _command(images: Path, root: Path, *more: str) -> tuple[str, ...]:
    return (TOPWORK, "fit", str(images), "--out", str(root / "model.topwork"), "--json", *more)


def _row(name: str, runs: list[tuple[Spent, dict[str, Any]]]) -> tuple[Any, ...]:
    time = medians([s for s, _ in runs])
    parts = [
        medians([Spent(r["seconds"][part], 0.0) for _, r in runs]).wall
        for part in ("features", "head", "judge", "read")
    ]
    return (name, time.wall, time.cpu, *parts)


if __name__ == "__main__":
    main()
