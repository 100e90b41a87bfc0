"""Whether a head that knows the order of classes predicts them better than heads that don't.

`python -m benchmarks.ordinal` (`TOPWORK_BENCH_DATA` names the folder with CIFAR-mini, PACS-mini and
SST-2; sets without their data are skipped)

Six sets of ordered classes, drawn anew for every seed: how many things stand in an image, how high
a bar is, how large a drawn shape is, how blurred and how noisy a photograph is, and how many
sentences of a review are positive. On the features of the packaged networks, three heads are judged
on the same folds: the cumulative logit, a logistic regression of classes, and a ridge on the ranks
with thresholds. Each predicts by the rule that is chosen without the fold; the fixed rules stand
beside it. The targets hold at 300 items; with 100 the least gain is noted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.bench_data import bench_data
from benchmarks.record import Record
from topwork.data import read
from topwork.features.opened_backbone import open_backbone, read_once
from topwork.heads import stratified_folds
from topwork.runtime.progress import silent
from topwork.settings import FitSettings
from topwork.tasks.feature_rows import FixedRows
from topwork.tasks.ordinal.decision import RULES, decide, quadratic_kappa
from topwork.tasks.ordinal.nested import (
    NestedOrdinal,
    nested_classes,
    nested_cumulative,
    nested_ranks,
)

SIZES = (100, 300)
SEEDS = (0, 1, 2)
SIDE = 96
K = 5
HEADS: Mapping[str, Callable[..., NestedOrdinal]] = {
    "number": nested_ranks,
    "class": nested_classes,
    "ordinal": nested_cumulative,
}

Pixels = NDArray[np.uint8]
Drawn = tuple[list[Any], NDArray[np.int64]]


def _levels(rng: np.random.Generator, n: int) -> NDArray[np.int64]:
    return rng.integers(0, K, n)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _photo(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB").resize((SIDE, SIDE))


def _background(rng: np.random.Generator) -> Image.Image:
    grey = rng.integers(60, 180) + rng.normal(0, 12, (SIDE, SIDE, 3))
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


def things(folder: Path, rng: np.random.Generator, n: int) -> Drawn:
    """One to five small photographs somewhere on a grey image."""
    codes, files, images = _levels(rng, n), _files(folder), []
    for code in codes:
        canvas = _background(rng)
        cells = rng.permutation(9)[: code + 1]
        for cell in cells:
            size = int(rng.integers(18, 28))
            tile = _photo(files[int(rng.integers(len(files)))]).resize((size, size))
            x, y = (int(cell % 3) * 32, int(cell // 3) * 32)
            canvas.paste(tile, (x + int(rng.integers(0, 4)), y + int(rng.integers(0, 4))))
        images.append(np.asarray(canvas))
    return images, codes


def bars(_: Path | None, rng: np.random.Generator, n: int) -> Drawn:
    """A bar between others of any height; its own, in the middle, is cut into five levels."""
    heights, images = rng.uniform(0, 1, n), []
    for height in heights:
        canvas = _background(rng)
        draw = ImageDraw.Draw(canvas)
        for i, h in enumerate((rng.uniform(), height, rng.uniform())):
            x, top = 10 + 28 * i, SIDE - 4 - int(h * (SIDE - 12))
            draw.rectangle((x, top, x + 20, SIDE - 2), fill=tuple(rng.integers(0, 256, 3).tolist()))
        images.append(np.asarray(canvas))
    return images, np.minimum((heights * K).astype(np.int64), K - 1)


def shapes(_: Path | None, rng: np.random.Generator, n: int) -> Drawn:
    """A disc, a square or a triangle somewhere, whose size is cut into five levels."""
    sizes, images = rng.uniform(4, 30, n), []
    for r in sizes:
        canvas = _background(rng)
        draw, colour = ImageDraw.Draw(canvas), tuple(rng.integers(0, 256, 3).tolist())
        x, y = rng.uniform(32, SIDE - 32, 2)
        kind = rng.integers(3)
        if kind == 0:
            draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)
        elif kind == 1:
            draw.rectangle((x - r, y - r, x + r, y + r), fill=colour)
        else:
            draw.polygon([(x, y - r), (x - r, y + r), (x + r, y + r)], fill=colour)
        images.append(np.asarray(canvas))
    return images, np.minimum(((sizes - 4) / 26 * K).astype(np.int64), K - 1)


def blurred(folder: Path, rng: np.random.Generator, n: int) -> Drawn:
    """A photograph under a Gaussian blur, whose radius is cut into five levels."""
    files, radii, images = _files(folder), rng.uniform(0, 3, n), []
    for radius in radii:
        photo = _photo(files[int(rng.integers(len(files)))])
        images.append(np.asarray(photo.filter(ImageFilter.GaussianBlur(float(radius)))))
    return images, np.minimum((radii / 3 * K).astype(np.int64), K - 1)


def noisy(folder: Path, rng: np.random.Generator, n: int) -> Drawn:
    """A photograph with noise, whose size is cut into five levels."""
    files, sizes, images = _files(folder), rng.uniform(0, 40, n), []
    for size in sizes:
        photo = np.asarray(_photo(files[int(rng.integers(len(files)))]), np.float64)
        images.append(np.clip(photo + rng.normal(0, size, photo.shape), 0, 255).astype(np.uint8))
    return images, np.minimum((sizes / 40 * K).astype(np.int64), K - 1)


def reviews(folder: Path, rng: np.random.Generator, n: int) -> Drawn:
    """Four sentences, none to four of them positive."""
    lines = [line.rsplit("\t", 1) for line in (folder / "train.tsv").read_text().splitlines()]
    by = [[text for text, label in lines if label.strip() == str(i)] for i in (0, 1)]
    codes, texts = _levels(rng, n), []
    for code in codes:
        signs = rng.permutation(np.arange(4) < code)
        texts.append(". ".join(by[int(s)][int(rng.integers(len(by[int(s)])))] for s in signs))
    return texts, codes


SETS: Mapping[str, tuple[Callable[..., Drawn], tuple[str, ...], str]] = {
    "things in an image": (things, ("cifar-mini", "train"), "image"),
    "height of a bar": (bars, (), "image"),
    "size of a shape": (shapes, (), "image"),
    "blur of a photograph": (blurred, ("pacs-mini", "photo"), "image"),
    "noise of a photograph": (noisy, ("pacs-mini", "photo"), "image"),
    "positive sentences": (reviews, ("sst2",), "text"),
}


def features(items: Sequence[Any], kind: str) -> NDArray[np.float32]:
    """Of the packaged network for such items, ``(n, d)``."""
    from topwork.trials.resolved import resolved

    settings = resolved(FitSettings(cache=False), "text" if kind == "text" else "image")
    opened = open_backbone(settings.backbone_name, settings)
    data = read(list(items), [0.0] * len(items), items=kind, task="number")
    read_all = read_once(data, opened.request, max_bad=0, progress=silent)
    return np.asarray(opened.part(data, read_all).features, np.float32)


def judge(record: Record, name: str) -> dict[int, dict[str, float]]:
    """Mean kappa over the seeds by size and head."""
    draw, parts, kind = SETS[name]
    folder = bench_data(record, *parts) if parts else None
    if parts and folder is None:
        return {}
    found: dict[int, dict[str, list[float]]] = {n: {} for n in SIZES}
    for seed in SEEDS:
        items, every = draw(folder, np.random.default_rng(seed), max(SIZES))
        X = features(items, kind)
        for n in SIZES:
            codes = every[:n]
            folds = stratified_folds(codes, seed=seed)
            for head, fit in HEADS.items():
                nested = fit(FixedRows(X[:n]), codes, K, folds)
                kappas = {head: quadratic_kappa(codes, nested.predicted)}
                for rule in RULES:
                    own = decide(nested.probabilities, rule)
                    kappas[f"{head}, {rule}"] = quadratic_kappa(codes, own)
                for key, value in kappas.items():
                    found[n].setdefault(key, []).append(value)
    means = {n: {k: float(np.mean(v)) for k, v in of.items()} for n, of in found.items()}
    headings = ("items", *HEADS, *(f"ordinal, {rule}" for rule in RULES))
    rows = [(str(n), *(of[heading] for heading in headings[1:])) for n, of in means.items()]
    record.table(f"{name}: quadratic weighted kappa", headings, rows)
    record.note(f"{name}: fixed rules, all heads", [
        float(np.mean([means[n][f"{head}, {rule}"] for n in SIZES for head in HEADS]))
        for rule in RULES
    ])  # fmt: skip
    return means


def main() -> None:
    """Judge every set and write what was found."""
    record = Record("ordinal")
    found = {name: means for name in SETS if (means := judge(record, name))}
    gains = {
        n: [of[n]["ordinal"] - max(of[n]["number"], of[n]["class"]) for of in found.values()]
        for n in SIZES
    }
    record.note("least gain in kappa with 100 items", min(gains[100]))
    record.note("mean gain in kappa by items", [float(np.mean(gains[n])) for n in SIZES])
    record.target("least gain in kappa over the better other head", min(gains[300]), least=-0.01)
    record.target("sets on which it is better", sum(gain > 0 for gain in gains[300]), least=3)
    record.write()


if __name__ == "__main__":
    main()
