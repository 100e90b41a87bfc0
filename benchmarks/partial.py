"""Strategy partial against the probe: accuracy of settings that differ in one thing, and speed.

`python -m benchmarks.partial [--quick] [--seeds N]`
"""

from __future__ import annotations

import argparse
import copy
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.bench_data import bench_data
from benchmarks.record import Record
from topwork.backbones import DEFAULT_BACKBONE, resolve
from topwork.backbones.engines import open_engine
from topwork.cli.samples.surfaces import write_surfaces
from topwork.data import Dataset, ImageModality, read, standard_views
from topwork.features import Activations, LanceStore, ViewRequest, extract_views, fingerprint
from topwork.features.opened_backbone import framing_for
from topwork.heads import LinearHead, fit_logistic
from topwork.runtime import cache_folder
from topwork.training.average import interpolate, put
from topwork.training.batches import as_tensor
from topwork.training.head import BackboneWithHead
from topwork.training.strategies.partial import fit_partial, logits_of
from topwork.training.strategies.partial_settings import PartialSettings

CUT = "blocks.5"
VIEWS = standard_views(7)
PACS = ("art_painting", "cartoon", "sketch")


@dataclass(frozen=True)
class Task:
    """Items to train on and items to test on, as activations."""

    name: str
    train: Activations
    codes: NDArray[np.integer]
    test: Activations
    test_codes: NDArray[np.integer]

    @property
    def n_classes(self) -> int:
        return int(self.codes.max()) + 1


class Cut:
    """The backbone up to the cut, its store, and the part behind."""

    def __init__(self) -> None:
        backbone = resolve(DEFAULT_BACKBONE)
        network = backbone.load()
        self.tail, self._shape = network.to_pooled[CUT], network.shapes[CUT]
        self._framing = framing_for(backbone, "squeeze")
        self._engine, _ = open_engine(backbone, cut=CUT, graphs=cache_folder() / "graphs")
        key = fingerprint(
            backbone,
            cut=CUT,
            framing=self._framing,
            engine=self._engine.name,
            precision=self._engine.precision,
        )
        self._store = LanceStore(cache_folder() / "features", key, "bfloat16")

    def activations(self, data: Dataset, views: tuple[str, ...]) -> Activations:
        wanted = ViewRequest(views, self._framing, self._engine, self._store, self._shape)
        keys = extract_views(data.items, wanted, kind=ImageModality()).keys
        return self._store.activations(keys, views=views, shape=self._shape)

    def pooled(self, activations: Activations) -> NDArray[np.float32]:
        rows = np.arange(len(activations))
        with torch.inference_mode():
            parts = [
                self.tail(as_tensor(activations.take(some, np.zeros_like(some)))).numpy()
                for some in np.array_split(rows, -(-len(rows) // 64))
            ]
        return np.concatenate(parts)


def tasks(record: Record, cut: Cut, seed: int) -> Iterator[Task]:
    """Three domains of paintings and drawings, small photographs at 20 and 50, surfaces."""
    rng = np.random.default_rng(seed)
    for domain in PACS:
        if folder := bench_data(record, "pacs-mini", domain):
            data = read(folder)
            yield _task(f"{domain}, 20", cut, data, data, rng, (20, 20))
    for per_class in (20, 50):
        if folder := bench_data(record, "cifar-mini"):
            parts = read(folder / "train"), read(folder / "test")
            yield _task(f"cifar-mini, {per_class}", cut, *parts, rng, (per_class, 60))
    with tempfile.TemporaryDirectory() as place:
        write_surfaces(Path(place), seed)
        parts = read(Path(place, "train")), read(Path(place, "test"))
        yield _task("surfaces, 5", cut, *parts, rng, (5, 40))


def _task(
    name: str,
    cut: Cut,
    train: Dataset,
    test: Dataset,
    rng: np.random.Generator,
    per_class: tuple[int, int],
) -> Task:
    chosen = _some(train, per_class[0], rng, ())
    others = _some(test, per_class[1], rng, chosen if test is train else ())
    return Task(
        name,
        cut.activations(train.take(chosen), VIEWS),
        _codes(train)[chosen],
        cut.activations(test.take(others), VIEWS[:1]),
        _codes(test)[others],
    )


def _some(data: Dataset, n: int, rng: np.random.Generator, but: Any) -> list[int]:
    codes = _codes(data)
    free = np.setdiff1d(np.arange(len(codes)), np.asarray(but, dtype=int))
    return [
        int(i) for k in range(codes.max() + 1) for i in rng.permutation(free[codes[free] == k])[:n]
    ]


def _codes(data: Dataset) -> NDArray[np.integer]:
    assert data.targets is not None
    return data.targets.codes


def variants() -> dict[str, PartialSettings]:
    """The defaults, and what differs from them in one thing."""
    default = PartialSettings()

    def loop(**changes: Any) -> PartialSettings:
        return replace(default, loop=replace(default.loop, **changes))

    return {
        "default": default,
        "rate 3e-4": loop(learning_rate=3e-4),
        "rate 3e-3": loop(learning_rate=3e-3),
        "no layer decay": loop(layer_decay=1.0),
        "no warm-up": loop(warm_up=0.0),
        "1 view": replace(default, views=1),
        "mixup 0.2": replace(default, mixup=0.2),
        "smoothing 0.1": replace(default, smoothing=0.1),
        "no average": loop(average=0.0),
        "6 epochs": loop(epochs=6),
        "24 epochs": loop(epochs=24),
        "batch 16": loop(batch=16),
        "head x 10": loop(head_rate=10.0),
        "L2-SP 0.01": replace(default, pull=0.01),
    }


def judged(task: Task, cut: Cut, settings: PartialSettings, seed: int) -> tuple[list[float], float]:
    """Accuracies of the probe, halfway, and all the way; images trained a second."""
    features = cut.pooled(task.train)
    rows = np.arange(len(task.train))

    def probe(some: NDArray[np.integer]) -> LinearHead:
        return fit_logistic(features[some], task.codes[some], task.n_classes)

    def accuracy(tail: torch.nn.Module, head: LinearHead) -> float:
        found = logits_of(tail, head, task.test, np.arange(len(task.test))).argmax(axis=1)
        return float((found == task.test_codes).mean())

    begun = time.perf_counter()
    one = replace(settings, loop=replace(settings.loop, seed=seed), coefficient=1.0)
    fit = fit_partial(cut.tail, probe, task.train, task.codes, one, rows=rows)
    speed = len(rows) * settings.loop.epochs / (time.perf_counter() - begun)
    start, end = (
        BackboneWithHead(copy.deepcopy(cut.tail), probe(rows)).eval(),
        BackboneWithHead(fit.tail, fit.head),
    )
    accuracies = [accuracy(start.tail, start.head.linear())]
    half = interpolate(dict(start.named_parameters()), dict(end.named_parameters()), 0.5)
    put(dict(start.named_parameters()), half)
    accuracies.append(accuracy(start.tail, start.head.linear()))
    return [*accuracies, accuracy(fit.tail, fit.head)], speed


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="only the default settings")
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    record, cut = Record("partial"), Cut()
    found: dict[str, list[tuple[str, list[float], float]]] = {}
    for seed in range(options.seeds):
        for task in tasks(record, cut, seed):
            for name, settings in variants().items():
                if name != "default" and (options.quick or "50" in task.name):
                    continue
                accuracies, speed = judged(task, cut, settings, seed)
                found.setdefault(name, []).append((task.name, accuracies, speed))
                print(task.name, name, accuracies, f"{speed:.0f} images/s", flush=True)
    for name, results in found.items():
        rows = [[task, *accuracies, speed] for task, accuracies, speed in results]
        record.table(name, ("data", "probe", "half way", "partial", "images/s"), rows)
    record.write()


if __name__ == "__main__":
    main()
