"""What refining a backbone on items without labels brings, and whether the gate refuses harm.

`python -m benchmarks.pretraining [SEEDS] [ITEMS] [images] [texts]`
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.backbones import DEFAULT_FOR
from topwork.backbones.with_weights import with_weights
from topwork.data import MODALITIES, Dataset, read, read_any, read_items
from topwork.features.opened_backbone import (
    FrozenPart,
    OpenedBackbone,
    open_backbone,
    open_network,
    read_once,
)
from topwork.heads import fit_logistic
from topwork.runtime.progress import silent
from topwork.runtime.run_context import RunContext
from topwork.settings import PretrainSettings
from topwork.training.refining.modality import REFINED_BY
from topwork.trials.trial import targets_of
from topwork.unsupervised.pretraining.gate import judge_refined
from topwork.unsupervised.pretraining.items import LabelledItems, pretraining_items
from topwork.unsupervised.pretraining.pretrain import refining_context

SEEDS, ITEMS, DRAWS = 5, 2000, 4
PER_CLASS = (4, 10, 50)
DOMAINS = ("photo", "art_painting", "cartoon", "sketch")


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw of labels: what refining gained on the test items, and whether it shipped."""

    per_class: int
    gain: float
    shipped: bool


def main() -> None:
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    seeds, n = (*numbers, *(SEEDS, ITEMS)[len(numbers) :])
    wanted = {kind for kind in ("images", "texts") if kind in sys.argv} or {"images", "texts"}
    record = Record("pretraining")
    with own_cache():
        if "images" in wanted:
            _images(record, seeds, n)
        if "texts" in wanted:
            _tweets(record, seeds, n)
    record.write()


def _images(record: Record, seeds: int, n: int) -> None:
    cifar, pacs = bench_data(record, "cifar-mini"), bench_data(record, "pacs-mini")
    if cifar is not None:
        pool = sorted(file for file in (cifar / "train").rglob("*") if file.is_file())
        _gains(record, "cifar-mini", pool, read(cifar, split="test"), seeds, n)
    if pacs is not None:
        for domain in DOMAINS:
            files = sorted(file for file in (pacs / domain).rglob("*") if file.is_file())
            _gains(record, domain, files, read(pacs / domain, split="all"), seeds, n)
        _harm(record, pacs, seeds)


def _tweets(record: Record, seeds: int, n: int) -> None:
    """Raw tweets, and what they bring for those that are labelled as ironic or not."""
    folder = bench_data(record, "tweets-mini")
    if folder is None:
        return
    raw, labelled = read_any(folder / "raw.txt", lines=True), read(folder / "irony-train.csv")
    draws: list[Draw] = []
    for seed in range(seeds):
        begun, rng = time.monotonic(), np.random.default_rng(seed)
        draws += _draws(raw.take(rng.permutation(len(raw))[:n]), labelled, seed)
        tell(f"tweets, seed {seed}: {time.monotonic() - begun:.0f} s")
    _table(record, f"tweets, {seeds} seeds, {n} raw ones, test accuracy", draws)


def _gains(
    record: Record, name: str, pool: list[Path], labelled: Dataset, seeds: int, n: int
) -> None:
    draws: list[Draw] = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        own, rest = _apart(pool, labelled, rng)
        begun = time.monotonic()
        draws += _draws(_pool([str(file) for file in own[:n]]), rest, seed)
        tell(f"{name}, seed {seed}: {time.monotonic() - begun:.0f} s")
    _table(record, f"{name}, {seeds} seeds, test accuracy", draws)


def _table(record: Record, name: str, draws: list[Draw]) -> None:
    rows = [
        _row(f"{n} labels per class", [d for d in draws if d.per_class == n]) for n in PER_CLASS
    ]
    headings = ("", "gain", "gain of what is taken", "taken", "least gain of what is taken")
    record.table(name, headings, [row for row in rows if row])


def _harm(record: Record, pacs: Path, seeds: int) -> None:
    """Backbones refined on sketches and on noise, judged on photographs."""
    photos, found = read(pacs / "photo", split="all"), list[Draw]()
    for seed in range(seeds):
        sketches = [str(f) for f in sorted((pacs / "sketch").rglob("*")) if f.is_file()]
        found += _draws(_pool(sketches), photos, seed)
        with TemporaryDirectory() as folder:
            found += _draws(_pool(_noise(Path(folder), seed)), photos, seed)
    harmful = [draw for draw in found if draw.gain < 0]
    record.note("harmful draws of the wrong domain and of noise", len(harmful))
    shipped = sum(draw.shipped for draw in harmful)
    record.target("harmful draws that shipped", shipped, most=0)


def _noise(folder: Path, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    for i in range(200):
        Image.fromarray(rng.integers(0, 256, (64, 64, 3), np.uint8)).save(folder / f"{i}.png")
    return [str(file) for file in sorted(folder.glob("*.png"))]


def _apart(
    pool: list[Path], labelled: Dataset, rng: np.random.Generator
) -> tuple[list[Path], Dataset]:
    """Files to learn from, and labelled items that are not among them: half of one set."""
    known = {str(item.path) for item in labelled.items}
    order = rng.permutation(len(pool))
    if not any(str(file) in known for file in pool):
        return [pool[i] for i in order], labelled
    own = [pool[i] for i in order[: len(pool) // 2]]
    taken = {str(file) for file in own}
    rows = [i for i, item in enumerate(labelled.items) if str(item.path) not in taken]
    return own, labelled.take(np.array(rows))


def _pool(files: list[str]) -> Dataset:
    return Dataset(read_items(files, kind="image"), kind=MODALITIES["image"], source="pool")


def _draws(data: Dataset, labelled: Dataset, seed: int) -> list[Draw]:
    """Refine once; then draw labels, let the gate decide, and measure on the others."""
    settings, kind = PretrainSettings(seed=seed), data.kind.name
    opened = open_backbone(DEFAULT_FOR[kind], settings)
    items = pretraining_items(data, None, opened, RunContext(settings))
    network = opened.backbone.load()
    refined = REFINED_BY[kind](
        refining_context(items, DEFAULT_FOR[kind], opened, network, RunContext(settings))
    )
    start = _part(labelled, opened)
    features = {
        name: _part(
            labelled, open_network(with_weights(opened.backbone, one.tensors), settings, keep=False)
        ).features
        for name, one in refined.items()
    }
    found, codes = list[Draw](), targets_of(start).codes
    for per_class in PER_CLASS:
        if np.bincount(codes).min() < per_class + 4:
            continue
        for draw in range(DRAWS):
            rows = _some(codes, per_class, np.random.default_rng((seed, per_class, draw)))
            found.append(_draw(start, features, rows, per_class))
    return found


def _draw(
    start: FrozenPart, features: dict[str, NDArray[np.floating]], rows: NDArray[np.intp], n: int
) -> Draw:
    codes = targets_of(start).codes
    few = FrozenPart(start.data.take(rows), start.features[rows], start.extraction, start.opened)
    judges = LabelledItems(few, np.arange(len(rows)))
    verdict = judge_refined(judges, "start", {k: v[rows] for k, v in features.items()})
    best = verdict.chosen or next(iter(features))
    rest = np.setdiff1d(np.arange(len(codes)), rows)

    def accuracy(X: NDArray[np.floating]) -> float:
        head = fit_logistic(X[rows], codes[rows], int(codes.max()) + 1)
        return float(np.mean(head.logits(X[rest]).argmax(axis=1) == codes[rest]))

    gain = accuracy(features[best]) - accuracy(start.features)
    return Draw(n, gain, verdict.chosen is not None)


def _part(data: Dataset, opened: OpenedBackbone) -> FrozenPart:
    return opened.part(data, read_once(data, opened.request, max_bad=0.0, progress=silent))


def _some(codes: NDArray[np.int64], n: int, rng: np.random.Generator) -> NDArray[np.intp]:
    own = [rng.permutation(np.flatnonzero(codes == c))[:n] for c in np.unique(codes)]
    return np.sort(np.concatenate(own))


def _row(name: str, draws: list[Draw]) -> tuple[object, ...]:
    if not draws:
        return ()
    gains, taken = np.array([d.gain for d in draws]), np.array([d.shipped for d in draws])
    kept = gains * taken
    return name, float(gains.mean()), float(kept.mean()), float(taken.mean()), float(kept.min())


if __name__ == "__main__":
    main()
