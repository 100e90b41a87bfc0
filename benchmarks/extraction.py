"""Images a second, decoding included: topwork against timm's eager loop and a loop by hand.

`python -m benchmarks.extraction`
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.frozen import Frozen
from benchmarks.images import mean_bytes, write_photographs
from benchmarks.machine import bfloat16_units
from benchmarks.peers import channels_last, timm_features, timm_lite0
from benchmarks.record import Record
from benchmarks.timing import Spent, interleaved, medians, run, spent, tell
from topwork.data import Item
from topwork.features import MemoryStore

N = 600
REPEATS = 3
LEAST_RATIO = {True: 10.0, False: 5.0}
"""By whether the processor has bfloat16 units."""

OURS, EAGER = "topwork, engine open", "timm, eager float32"


def main() -> None:
    record = Record("extraction")
    with own_cache() as root:
        photographs = write_photographs(root / "photographs", N)
        cold = _processes(root / "photographs")
        _compare(record, f"{N} photographs of about 300 x 200 px", photographs, root)
        record.table(
            f"topwork as a process of its own, {N} photographs",
            ("process", "seconds", "images/s", "processor s"),
            [(name, s.wall, N / s.wall, s.cpu) for name, s in cold.items()],
        )
        folder = bench_data(record, "pacs-mini", "photo")
        if folder:
            files = sorted(path for path in folder.glob("*/*") if path.is_file())
            _compare(record, f"{len(files)} images of PACS, photo", files, root)
    record.write()


def _compare(record: Record, title: str, files: list[Path], root: Path) -> None:
    frozen, model = Frozen.opened(), timm_lite0()
    by_hand, dtype = _by_hand()
    by_hand_features = channels_last(dtype)
    items = [Item(str(file), path=file) for file in files]
    stores = (root / f"store-{title[:3]}-{i}" for i in count())
    actions: dict[str, Callable[[], object]] = {
        OURS: lambda: frozen.extract(items, frozen.store(next(stores))),
        EAGER: lambda: timm_features(model, files),
        by_hand: lambda: by_hand_features(files),
    }
    found = {name: medians(all_) for name, all_ in interleaved(actions, repeats=REPEATS).items()}
    if dtype is not torch.bfloat16:
        found["timm, channels_last bfloat16 (no units, once)"] = _emulated(files)
    eager = found[EAGER]
    record.table(
        title,
        ("way", "images/s", "times eager", "processor ms an image", "times eager, processor"),
        [
            (
                name,
                len(files) / s.wall,
                eager.wall / s.wall,
                1000 * s.cpu / len(files),
                eager.cpu / s.cpu,
            )
            for name, s in found.items()
        ],
    )
    record.note(f"{title}: mean KB a file", mean_bytes(files) / 1e3)
    record.note(
        f"{title}: engine and precision", f"{frozen.engine.name}, {frozen.engine.precision}"
    )
    record.note(f"{title}: mean cosine to timm, both cropped", _cosine(model, files[:64]))
    record.target(
        f"{title}: times timm eager",
        eager.wall / found[OURS].wall,
        least=LEAST_RATIO[bfloat16_units()],
    )


def _by_hand() -> tuple[str, torch.dtype]:
    """What someone with experience would choose on this processor."""
    dtype = torch.bfloat16 if bfloat16_units() else torch.float32
    return f"timm, channels_last {str(dtype).removeprefix('torch.')}", dtype


def _emulated(files: Sequence[Path]) -> Spent:
    features = channels_last(torch.bfloat16)
    return spent(lambda: features(files))


def _processes(folder: Path) -> dict[str, Spent]:
    """Whole processes: nothing there yet, and then everything but the features."""
    found = {}
    for name, store in (("cold: the graph is exported", "a"), ("warm: the graph is there", "b")):
        command = [sys.executable, "-m", "benchmarks.frozen", str(folder)]
        found[name] = spent(
            lambda c=command, s=store: _checked(*c, "--store", str(folder.with_name(s)))
        )
        tell(f"{name}: {found[name].wall:.2f} s")
    return found


def _checked(*command: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(run(*command).stdout)
    assert facts["computed"] == N, facts
    return facts


def _cosine(model: torch.nn.Module, files: Sequence[Path]) -> float:
    """That both run the same network: features under timm's own centre crop."""
    frozen, store = Frozen.opened(geometry="crop"), MemoryStore()
    found = frozen.extract([Item(str(file), path=file) for file in files], store)
    ours: NDArray[Any] = store.read(found.keys).astype(np.float32)
    theirs = timm_features(model, files)
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    return float(np.mean(np.sum(ours * theirs, axis=1) / lengths))


if __name__ == "__main__":
    main()
