"""Images a second, decoding included: topwork against loops by hand, and against the limit.

The limit is what decoding and the network would reach one after the other, each alone on all cores:
``1 / (1 / forward only + 1 / decoding only)``, measured in the same run.

`python -m benchmarks.extraction`
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.caches import own_cache
from benchmarks.frozen import Frozen
from benchmarks.images import mean_bytes, write_photographs
from benchmarks.machine import bfloat16_units
from benchmarks.peers import channels_last, on_onnx_runtime, timm_features, timm_lite0
from benchmarks.record import Record
from benchmarks.timing import Spent, interleaved, medians, run, spent, tell
from topwork.data import ImageModality, Item
from topwork.features import MemoryStore
from topwork.features.forward import ordered_map

REPEATS = 3
OURS, EAGER, BY_HAND = "topwork, engine open", "timm, eager float32", "timm, channels_last"
ONNX = "timm, ONNX Runtime"
FORWARD, DECODE = "forward only", "decoding only"

MIN_EAGER = {True: 14.0, False: 6.0}
MIN_BY_HAND = {True: 4.5, False: 2.0}
"""By whether the processor has bfloat16 units."""


@dataclass(frozen=True)
class Kind:
    """JPEGs of one size."""

    name: str
    n: int
    side: int
    grain: float
    least_of_limit: float


KINDS = (
    Kind("small", 320, 300, 0, 0.9),
    Kind("medium", 240, 1024, 2, 0.85),
    Kind("large", 96, 3000, 12, 0.85),
)


def main() -> None:
    record = Record("extraction")
    with own_cache() as root:
        for kind in KINDS:
            files = write_photographs(root / kind.name, kind.n, side=kind.side, grain=kind.grain)
            if kind is KINDS[0]:
                processes = _processes(root / kind.name)
            _compare(record, kind, files, root / f"{kind.name} stores")
        record.table(
            f"topwork as a process of its own, {KINDS[0].n} {KINDS[0].name} images",
            ("process", "seconds", "images/s", "processor s"),
            [(name, s.wall, KINDS[0].n / s.wall, s.cpu) for name, s in processes.items()],
        )
    record.write()


def _compare(record: Record, kind: Kind, files: list[Path], stores: Path) -> None:
    frozen, model = Frozen.opened(), timm_lite0()
    title = f"{kind.n} images of {mean_bytes(files) / 1e3:.0f} KB, {kind.side} pixels wide"
    ways = _ways(frozen, files, stores)
    if kind is KINDS[0]:
        ways |= _peers(record, model, files)
    found = {name: medians(all_) for name, all_ in interleaved(ways, repeats=REPEATS).items()}
    rate = {name: kind.n / s.wall for name, s in found.items()}
    limit = 1 / (1 / rate[FORWARD] + 1 / rate[DECODE])
    record.table(
        f"{title}, medians of {REPEATS}",
        ("way", "images/s", "of the limit", "processor ms an image"),
        [
            (name, rate[name], rate[name] / limit, 1000 * s.cpu / kind.n)
            for name, s in found.items()
        ],
    )
    record.note(f"{title}: the limit, images/s", limit)
    record.target(f"{kind.name}: of the limit", rate[OURS] / limit, least=kind.least_of_limit)
    if EAGER not in rate:
        return
    record.note(f"{title}: engine", f"{frozen.engine.name} {frozen.engine.precision}")
    record.note(f"{title}: mean cosine to timm, both cropped", _cosine(model, files[:64]))
    units = bfloat16_units()
    record.target("times timm eager", rate[OURS] / rate[EAGER], least=MIN_EAGER[units])
    best = max(rate[name] for name in rate if name.startswith(BY_HAND))
    record.target("times timm by hand", rate[OURS] / best, least=MIN_BY_HAND[units])


def _ways(frozen: Frozen, files: Sequence[Path], stores: Path) -> dict[str, Callable[[], object]]:
    """All of it, and its two halves."""
    items = [Item(str(file), path=file) for file in files]
    fresh = (stores / str(i) for i in count())
    kind = ImageModality()

    def decoded(item: Item) -> NDArray[np.uint8]:
        return kind.decode(kind.read(item), frozen.framing)

    pixels = np.stack(list(ordered_map(decoded, items, window=32)))
    size = frozen.engine.batch
    batches = [(i, pixels[i : i + size]) for i in range(0, len(pixels), size)]
    return {
        OURS: lambda: frozen.extract(items, frozen.store(next(fresh))),
        FORWARD: lambda: list(frozen.engine.run(batches)),
        DECODE: lambda: [None for _ in ordered_map(decoded, items, window=32)],
    }


def _peers(
    record: Record, model: torch.nn.Module, files: Sequence[Path]
) -> dict[str, Callable[[], object]]:
    by_hand = {
        f"{BY_HAND} {str(dtype).removeprefix('torch.')}": channels_last(dtype)
        for dtype in ((torch.bfloat16,) if bfloat16_units() else (torch.float32,))
    }
    ways: dict[str, Callable[[], object]] = {EAGER: lambda: timm_features(model, files)}
    ways |= {name: lambda way=way: way(files) for name, way in by_hand.items()}
    try:
        onnx = on_onnx_runtime(model)
    except ImportError as error:
        record.skip(f"{ONNX}: {error.name} is not installed")
    else:
        ways[ONNX] = lambda: onnx(files)
    return ways


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
    assert facts["computed"] == KINDS[0].n, facts
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
