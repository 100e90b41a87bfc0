"""What refining a backbone on items without labels brings, and whether the gate refuses harm.

Eight sets: small photographs, four kinds of pictures, digits, tweets and reviews. In each seed
the backbone is refined on one part; of another part labels are drawn, by which the gate decides,
and the rest tells what that gained. Refined on the wrong images or on noise, it must not ship.

`python -m benchmarks.pretraining [SEEDS] [ITEMS] [images] [texts]`
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
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
from topwork.training.refining.images import DISTILLATION, TEACHER
from topwork.training.refining.modality import REFINED_BY
from topwork.training.refining.refining_context import RefinedWeights
from topwork.trials.trial import targets_of
from topwork.unsupervised.pretraining.gate import judge_refined
from topwork.unsupervised.pretraining.items import LabelledItems, pretraining_items
from topwork.unsupervised.pretraining.pretrain import refining_context

SEEDS, ITEMS, DRAWS = 5, 2000, 4
PER_CLASS = (4, 10, 50)
DOMAINS = ("photo", "art_painting", "cartoon", "sketch")


MIN_GAIN, MAX_LOSS, MAX_LOSING, SHARE_KEPT, MAX_SECONDS = 0.01, 0.01, 1, 0.5, 300.0
LABELS = 10
"""Per class, of which the targets are."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw of labels: what refining gained on the test items, and whether it shipped.

    Parameters
    ----------
    distilled, teacher
        What the distilled network and its teacher gained, where there are both.
    """

    name: str
    seed: int
    per_class: int
    gain: float
    shipped: bool
    distilled: float | None = None
    teacher: float | None = None


def main() -> None:
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    seeds, n = (*numbers, *(SEEDS, ITEMS)[len(numbers) :])
    wanted = {kind for kind in ("images", "texts") if kind in sys.argv} or {"images", "texts"}
    record = Record("pretraining")
    draws: list[Draw] = []
    with own_cache(), TemporaryDirectory() as folder:
        if "images" in wanted:
            draws += _images(record, seeds, n, Path(folder))
        if "texts" in wanted:
            draws += _texts(record, seeds, n)
    _held_against_targets(record, [draw for draw in draws if draw.per_class == LABELS])
    record.write()


def _held_against_targets(record: Record, draws: list[Draw]) -> None:
    """What ships with ten labels per class, over sets and seeds; a set and a seed are one run."""
    runs: dict[tuple[str, int], list[float]] = {}
    for draw in draws:
        runs.setdefault((draw.name, draw.seed), []).append(draw.gain * draw.shipped)
    means = np.array([np.mean(gains) for gains in runs.values()])
    record.note("runs", len(means))
    record.target("mean gain of what ships, 10 labels per class", means.mean(), least=MIN_GAIN)
    losing = int((means < -MAX_LOSS).sum())
    record.target("runs that lose more than a point", losing, most=MAX_LOSING)
    both = [(d.distilled, d.teacher) for d in draws if d.distilled is not None and d.teacher]
    if both:
        distilled, teacher = (float(np.mean(gains)) for gains in zip(*both, strict=True))
        record.note("mean gain of the three networks side by side", teacher)
        record.note("mean gain of the distilled one", distilled)
        share = distilled / teacher
        record.target(
            "share of its teacher's gain that distillation keeps", share, least=SHARE_KEPT
        )


def _images(record: Record, seeds: int, n: int, folder: Path) -> list[Draw]:
    draws: list[Draw] = []
    cifar, pacs = bench_data(record, "cifar-mini"), bench_data(record, "pacs-mini")
    if cifar is not None:
        pool = sorted(file for file in (cifar / "train").rglob("*") if file.is_file())
        begun = time.monotonic()
        _refined(_pool([str(file) for file in pool[:n]]), 0)
        record.note("images that were refined on", min(n, len(pool)))
        record.target("seconds that took", time.monotonic() - begun, most=MAX_SECONDS)
        draws += _gains(record, "cifar-mini", pool, read(cifar, split="test"), seeds, n)
    if pacs is not None:
        for domain in DOMAINS:
            files = sorted(file for file in (pacs / domain).rglob("*") if file.is_file())
            draws += _gains(record, domain, files, read(pacs / domain, split="all"), seeds, n)
        _harm(record, pacs, seeds)
    digits = _digits(folder)
    files = sorted(file for file in digits.rglob("*") if file.is_file())
    return [*draws, *_gains(record, "digits", files, read(digits, split="all"), seeds, n)]


def _digits(folder: Path) -> Path:
    """Written digits of 8 x 8 pixels as files of 64 x 64, in class folders."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    for i, (pixels, label) in enumerate(zip(bunch.images, bunch.target, strict=True)):
        place = folder / "digits" / str(label)
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.kron(np.uint8(pixels * 15.9), np.ones((8, 8), np.uint8))).save(
            place / f"{i}.png"
        )
    return folder / "digits"


def _texts(record: Record, seeds: int, n: int) -> list[Draw]:
    """Raw tweets for those that are labelled as ironic or not; reviews for other ones."""
    draws: list[Draw] = []
    tweets, reviews = bench_data(record, "tweets-mini"), bench_data(record, "sst2")
    if tweets is not None:
        raw = read_any(tweets / "raw.txt", lines=True)
        draws += _text_gains(record, "tweets", raw, read(tweets / "irony-train.csv"), seeds, n)
    if reviews is not None:
        raw, labelled = (
            read(reviews / f"{part}.tsv", header=("text", "label"), split="all")
            for part in ("train", "test")
        )
        draws += _text_gains(record, "reviews", raw.without_targets(), labelled, seeds, n)
    return draws


def _text_gains(
    record: Record, name: str, raw: Dataset, labelled: Dataset, seeds: int, n: int
) -> list[Draw]:
    draws: list[Draw] = []
    for seed in range(seeds):
        begun, rng = time.monotonic(), np.random.default_rng(seed)
        draws += _draws(name, raw.take(rng.permutation(len(raw))[:n]), labelled, seed)
        tell(f"{name}, seed {seed}: {time.monotonic() - begun:.0f} s")
    _table(record, f"{name}, {seeds} seeds, {n} raw ones, test accuracy", draws)
    return draws


def _gains(
    record: Record, name: str, pool: list[Path], labelled: Dataset, seeds: int, n: int
) -> list[Draw]:
    draws: list[Draw] = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        own, rest = _apart(pool, labelled, rng)
        begun = time.monotonic()
        draws += _draws(name, _pool([str(file) for file in own[:n]]), rest, seed)
        tell(f"{name}, seed {seed}: {time.monotonic() - begun:.0f} s")
    _table(record, f"{name}, {seeds} seeds, test accuracy", draws)
    return draws


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
        found += _draws("sketches", _pool(sketches), photos, seed)
        with TemporaryDirectory() as folder:
            found += _draws("noise", _pool(_noise(Path(folder), seed)), photos, seed)
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


def _refined(data: Dataset, seed: int) -> tuple[OpenedBackbone, Mapping[str, RefinedWeights]]:
    """The network that was started from, and what each objective made of it."""
    settings, kind = PretrainSettings(seed=seed), data.kind.name
    opened = open_backbone(DEFAULT_FOR[kind], settings)
    items = pretraining_items(data, None, opened, RunContext(settings))
    context = refining_context(
        items, DEFAULT_FOR[kind], opened, opened.backbone.load(), RunContext(settings)
    )
    return opened, REFINED_BY[kind](context)


def _draws(name: str, data: Dataset, labelled: Dataset, seed: int) -> list[Draw]:
    """Refine once; then draw labels, let the gate decide, and measure on the others."""
    settings = PretrainSettings(seed=seed)
    opened, refined = _refined(data, seed)
    start = _part(labelled, opened)
    teacher = None
    if DISTILLATION in refined:
        teacher = _part(labelled, open_backbone(TEACHER, settings)).features
    features = {
        objective: _part(
            labelled, open_network(with_weights(opened.backbone, one.tensors), settings, keep=False)
        ).features
        for objective, one in refined.items()
    }
    found, codes = list[Draw](), targets_of(start).codes
    for per_class in PER_CLASS:
        if np.bincount(codes).min() < per_class + 4:
            continue
        for draw in range(DRAWS):
            rows = _some(codes, per_class, np.random.default_rng((seed, per_class, draw)))
            accuracy, chosen = _draw(start, features, teacher, rows)
            gains = {way: value - accuracy["start"] for way, value in accuracy.items()}
            best = chosen or next(iter(features))
            found.append(
                Draw(
                    name,
                    seed,
                    per_class,
                    gains[best],
                    chosen is not None,
                    gains.get(DISTILLATION),
                    gains.get("teacher"),
                )
            )
    return found


def _draw(
    start: FrozenPart,
    features: dict[str, NDArray[np.floating]],
    teacher: NDArray[np.floating] | None,
    rows: NDArray[np.intp],
) -> tuple[dict[str, float], str | None]:
    """Accuracy of each on the items that were not drawn, and what the gate takes."""
    codes = targets_of(start).codes
    few = FrozenPart(start.data.take(rows), start.features[rows], start.extraction, start.opened)
    judges = LabelledItems(few, np.arange(len(rows)))
    verdict = judge_refined(judges, "start", {k: v[rows] for k, v in features.items()})
    rest = np.setdiff1d(np.arange(len(codes)), rows)

    def accuracy(X: NDArray[np.floating]) -> float:
        head = fit_logistic(X[rows], codes[rows], int(codes.max()) + 1)
        return float(np.mean(head.logits(X[rest]).argmax(axis=1) == codes[rest]))

    ways = {"start": start.features, **features}
    if teacher is not None:
        ways["teacher"] = teacher
    return {way: accuracy(X) for way, X in ways.items()}, verdict.chosen


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
