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

N = 320
REPEATS = 3
LEAST_RATIO = {True: 10.0, False: 5.0}
"""By whether the processor has bfloat16 units."""

OURS, EAGER = "topwork, engine open", "timm, eager float32"


def main() -> None:
    record = Record("extraction")
    with own_cache() as root:
        photographs = write_photographs(root / "photographs", N)
        processes = _processes(root / "photographs")
        _compare(record, f"{N} photographs of about 300 x 200 px", photographs, root / "first")
        record.table(
            f"topwork as a process of its own, {N} photographs",
            ("process", "seconds", "images/s", "processor s"),
            [(name, s.wall, N / s.wall, s.cpu) for name, s in processes.items()],
        )
        if not bfloat16_units():
            rate = _emulated_rate(photographs[: N // 2])
            record.note("timm, channels_last bfloat16 without units for it, once, images/s", rate)
        record.write()
        folder = bench_data(record, "pacs-mini", "photo")
        if folder:
            files = sorted(path for path in folder.glob("*/*") if path.is_file())[::2]
            _compare(record, f"{len(files)} images of PACS, photo", files, root / "second")
    record.write()


def _compare(record: Record, title: str, files: list[Path], stores: Path) -> None:
    frozen, model = Frozen.opened(), timm_lite0()
    ways = _ways(frozen, model, files, stores)
    repeats = interleaved(ways, repeats=REPEATS)
    found = {name: medians(all_) for name, all_ in repeats.items()}
    n, eager = len(files), found[EAGER]
    record.table(
        f"{title}, medians of {REPEATS}",
        (
            "way",
            "images/s",
            "best",
            "times eager",
            "processor ms an image",
            "times eager, processor",
        ),
        [
            (
                name,
                n / s.wall,
                n / min(one.wall for one in repeats[name]),
                eager.wall / s.wall,
                1000 * s.cpu / n,
                eager.cpu / s.cpu,
            )
            for name, s in found.items()
        ],
    )
    record.note(f"{title}: mean KB a file", mean_bytes(files) / 1e3)
    record.note(f"{title}: engine", f"{frozen.engine.name} {frozen.engine.precision}")
    record.note(f"{title}: mean cosine to timm, both cropped", _cosine(model, files[:64]))
    record.target(
        f"{title}: times timm eager",
        eager.wall / found[OURS].wall,
        least=LEAST_RATIO[bfloat16_units()],
    )


def _ways(
    frozen: Frozen, model: torch.nn.Module, files: Sequence[Path], stores: Path
) -> dict[str, Callable[[], object]]:
    items = [Item(str(file), path=file) for file in files]
    fresh = (stores / str(i) for i in count())
    # what someone with experience would choose on this processor
    dtype = torch.bfloat16 if bfloat16_units() else torch.float32
    by_hand = channels_last(dtype)
    return {
        OURS: lambda: frozen.extract(items, frozen.store(next(fresh))),
        EAGER: lambda: timm_features(model, files),
        f"timm, channels_last {str(dtype).removeprefix('torch.')}": lambda: by_hand(files),
    }


def _emulated_rate(files: Sequence[Path]) -> float:
    features = channels_last(torch.bfloat16)
    return len(files) / spent(lambda: features(files)).wall


def _processes(folder: Path) -> dict[str, Spent]:
    """Whole processes: nothing there yet, and then everything but the features."""
    found = {}
    for name, store in (
        ("cold: the graph is exported", "cold"),
        ("warm: the graph is there", "warm"),
    ):
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
