"""Training the last stage from stored activations, against the same layers trained from pixels.

Images a second and memory, each in a process of its own; memory at 10,000 and 100,000 images.

`python -m benchmarks.cut`
"""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.caches import own_cache
from benchmarks.frozen import Frozen, peak_bytes
from benchmarks.images import write_photographs
from benchmarks.machine import bfloat16_units
from benchmarks.record import Record
from benchmarks.timing import run, tell
from topwork.backbones import DEFAULT_BACKBONE, resolve
from topwork.data import ImageModality, Item
from topwork.features import LanceStore, fingerprint
from topwork.features.opened_backbone import framing_for
from topwork.heads import LinearHead
from topwork.runtime import cache_folder
from topwork.training.batches import ActivationBatches, Batches
from topwork.training.head import BackboneWithHead
from topwork.training.loop import train
from topwork.training.objectives import CrossEntropy
from topwork.training.pixels import PixelBatches
from topwork.training.settings import LoopSettings

CUT, SHAPE = "blocks.5", (192, 7, 7)
SIZES = (10_000, 100_000)
SECONDS = 40.0
N_CLASSES, BATCH, PICTURES = 100, 32, 640
MIN_RATE = 550.0
MAX_GROWTH = 1.05


def main() -> None:
    if len(sys.argv) > 1:
        way, n, root = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
        print(json.dumps(_trained(way, n, root)))
        return
    record, found = Record("cut"), {}
    with own_cache() as root:
        _fill(max(SIZES))
        write_photographs(root / "pictures", PICTURES)
        for way, n in (*(("cut", n) for n in SIZES), ("pixels", PICTURES)):
            command = (sys.executable, "-m", "benchmarks.cut", way, str(n), str(root / "pictures"))
            found[way, n] = json.loads(run(*command).stdout)
            tell(f"{way}, {n}: {found[way, n]}")
    record.table(
        "EfficientNet-Lite0 behind blocks.5, batches of 32",
        ("from", "images", "images/s", "peak GB"),
        [(w, n, f["rate"], f["peak"] / 1e9) for (w, n), f in found.items()],
    )
    few, many = (found["cut", n] for n in SIZES)
    pixels = found["pixels", PICTURES]
    record.note("times as fast as from pixels", few["rate"] / pixels["rate"])
    if bfloat16_units():
        record.target("images/s from the cut", few["rate"], least=MIN_RATE)
    else:
        record.skip("550 images/s from the cut: this processor has no bfloat16 units")
    record.target(
        f"memory for {SIZES[1]} over that for {SIZES[0]}",
        many["peak"] / few["peak"],
        most=MAX_GROWTH,
    )
    record.write()


def _store() -> LanceStore:
    backbone = resolve(DEFAULT_BACKBONE)
    key = fingerprint(
        backbone,
        cut=CUT,
        framing=framing_for(backbone, "squeeze"),
        engine="synthetic",
        precision="float32",
    )
    return LanceStore(cache_folder() / "features", key, "bfloat16")


def _fill(n: int) -> None:
    """Rows as a trained network gives them: not negative, half of them zero."""
    store, rng, size = _store(), np.random.default_rng(0), 1000
    for start in range(0, n, size):
        rows = np.maximum(rng.standard_normal((size, *SHAPE), np.float32), 0)
        store.append([_key(i) for i in range(start, start + size)], rows)
    store.flush()
    tell(f"{n} rows are stored")


def _key(i: int) -> bytes:
    return (i + 1).to_bytes(16, "big")


def _trained(way: str, n: int, pictures: Path) -> dict[str, Any]:
    network = resolve(DEFAULT_BACKBONE).load()
    assert network.shapes[CUT] == SHAPE
    codes = np.arange(n) % N_CLASSES
    head = LinearHead(
        np.zeros((network.width, N_CLASSES), np.float32), np.zeros(N_CLASSES, np.float32)
    )
    model: nn.Module = BackboneWithHead(copy.deepcopy(network.to_pooled[CUT]), head)
    if way == "cut":
        keys = [_key(i) for i in range(n)]
        stored = _store().activations(keys, views=("plain",), shape=SHAPE)
        batches: Batches = ActivationBatches(stored, np.arange(n), codes)
    else:
        batches = _from_pixels(sorted(pictures.iterdir()), codes)
        model = _Behind(network.before[CUT], model)
    done = 0

    def told(step: int, _: int) -> None:
        nonlocal done
        done = step

    settings = LoopSettings(batch=BATCH, epochs=50, seconds=SECONDS)
    trained = train(model, CrossEntropy(), batches, settings, progress=told)
    assert trained.ending == "time"
    return {"rate": done * BATCH / SECONDS, "peak": peak_bytes()}


def _from_pixels(files: list[Path], codes: NDArray[np.integer]) -> PixelBatches:
    framing, kind = Frozen.opened().framing, ImageModality()

    def decode(row: int) -> NDArray[np.uint8]:
        return kind.decode(kind.read(Item(str(row), path=files[row])), framing)

    return PixelBatches(decode, np.arange(len(files)), codes)


class _Behind(nn.Module):
    """The frozen part in front of what is trained, run for every batch."""

    def __init__(self, trunk: nn.Module, trained: nn.Module) -> None:
        super().__init__()
        self.trunk = trunk.requires_grad_(requires_grad=False)
        self.trained = trained

    def forward(self, images: Tensor) -> Tensor:
        with torch.no_grad():
            maps = self.trunk((images.float() - 127) / 128)
        logits: Tensor = self.trained(maps)
        return logits


if __name__ == "__main__":
    main()
