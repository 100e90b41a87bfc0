"""Pairs of domains of one task: art and photographs, digits and small pictures otherwise lit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from benchmarks.bench_data import bench_data
from benchmarks.record import Record
from topwork.data import Dataset, read

DOMAINS = ("photo", "art_painting", "cartoon", "sketch")
THINNED_TO = 0.2
"""Of the items of a class, where the shares of the classes are to differ."""

SKETCHES = "sketches in their shares"
_SHARES = {
    "dog": 772,
    "elephant": 740,
    "giraffe": 753,
    "guitar": 608,
    "horse": 816,
    "house": 80,
    "person": 160,
}
"""Sketches of each class in the complete set."""

Pixels = NDArray[np.uint8]
Change = Callable[[Pixels, np.random.Generator], Pixels]


@dataclass(frozen=True, slots=True)
class Pair:
    """A labelled domain and another one; ``family`` is the data that both come from.

    Parameters
    ----------
    fitted
        Names the source: pairs with the same one can share a model.
    """

    family: str
    name: str
    fitted: str
    source: Dataset
    target: Dataset


def pacs_pairs(record: Record) -> Iterator[Pair]:
    """Every domain to every other, three to the fourth, two with other shares of the classes."""
    folders = {d: bench_data(record, "pacs-mini", d) for d in DOMAINS}
    if not all(folders.values()):
        return
    sets = {d: read(folder) for d, folder in folders.items() if folder is not None}
    for domain in DOMAINS:
        for other in DOMAINS:
            if other != domain:
                pair = f"{domain} > {other}"
                yield Pair("PACS", pair, domain, sets[domain], sets[other])
    for domain in DOMAINS:
        others = [sets[d] for d in DOMAINS if d != domain]
        yield Pair("PACS", f"the others > {domain}", f"not {domain}", _union(others), sets[domain])
    for domain, other in (("photo", "cartoon"), ("art_painting", "sketch")):
        target = thinned(sets[other])
        yield Pair("shares", f"{domain} > {other}, other shares", domain, sets[domain], target)


def complete_sketches(record: Record, draws: int = 3) -> Iterator[Pair]:
    """Photographs to draws of the sketches in which classes have the shares of the complete set."""
    folders = [bench_data(record, "pacs-mini", d) for d in ("photo", "sketch")]
    if folders[0] is None or folders[1] is None:
        return
    source, target = read(folders[0]), read(folders[1])
    values = np.array(values_of(target))
    for seed in range(draws):
        rng, rows = np.random.default_rng(seed), []
        for label, share in _SHARES.items():
            own = rng.permutation(np.flatnonzero(values == label))
            rows.append(own[: max(1, round(len(own) * share / max(_SHARES.values())))])
        some = target.take(np.sort(np.concatenate(rows)))
        yield Pair(SKETCHES, f"photo > sketch, draw {seed}", "photo", source, some)


def small_pairs(record: Record, root: Path) -> Iterator[Pair]:
    """CIFAR-10 to the same pictures in worse conditions, and with other shares of the classes."""
    folder = bench_data(record, "cifar-mini")
    if folder is None:
        return
    source, clean = read(folder, split="train"), read(folder, split="test")
    pixels = [np.asarray(Image.open(item.path).convert("RGB")) for item in clean.items if item.path]
    for name, change in CORRUPTIONS.items():
        target = written(pixels, values_of(clean), root / "cifar" / name, change)
        yield Pair("CIFAR-10", f"small pictures > {name}", "cifar", source, target)
    yield Pair("shares", "small pictures, other shares", "cifar", source, thinned(clean))


def digit_pairs(root: Path) -> Iterator[Pair]:
    """One half of the digits that scikit-learn ships to the other half, changed."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    pixels = [np.repeat(np.uint8(x * 15.9)[..., None], 3, axis=2) for x in bunch.images]
    large = [np.kron(x, np.ones((4, 4, 1), np.uint8)) for x in pixels]
    labels = [str(value) for value in bunch.target]
    order = np.random.default_rng(0).permutation(len(large))
    first, second = order[: len(order) // 2], order[len(order) // 2 :]

    def half(some: NDArray[np.intp], name: str, change: Change) -> Dataset:
        return written(
            [large[i] for i in some], [labels[i] for i in some], root / "digits" / name, change
        )

    source = half(first, "as they are", lambda x, _: x)
    for name, change in CHANGES.items():
        yield Pair("digits", f"digits > {name}", "digits", source, half(second, name, change))
    clean = half(second, "other half", lambda x, _: x)
    yield Pair("shares", "digits, other shares", "digits", source, thinned(clean))


def _union(sets: list[Dataset]) -> Dataset:
    paths = [item.path for data in sets for item in data.items]
    return read(paths, [value for data in sets for value in values_of(data)])


def values_of(data: Dataset) -> list[str]:
    """The labels."""
    assert data.targets is not None
    return [str(value) for value in data.targets.values()]


def thinned(data: Dataset) -> Dataset:
    """A part of it in which every other class is rare."""
    assert data.targets is not None
    rng, codes = np.random.default_rng(0), data.targets.codes
    kept = (codes % 2 == 0) | (rng.random(len(codes)) < THINNED_TO)
    return data.take(np.flatnonzero(kept))


def written(pictures: list[Pixels], labels: list[str], folder: Path, change: Change) -> Dataset:
    """Class folders of changed pictures; ``change`` draws from a generator of its own."""
    rng = np.random.default_rng(1)
    for i, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        place = folder / label
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(change(picture, rng)).save(place / f"{i:05}.png")
    return read(folder, split="all")


def _noise(x: Pixels, rng: np.random.Generator) -> Pixels:
    return _clipped(x + rng.normal(0, 30, x.shape))


def _clipped(x: NDArray[np.floating]) -> Pixels:
    return np.clip(x, 0, 255).astype(np.uint8)


def _blurred(x: Pixels, _: np.random.Generator) -> Pixels:
    return np.asarray(Image.fromarray(x).filter(ImageFilter.GaussianBlur(1.2)))


def _coarse(x: Pixels, _: np.random.Generator) -> Pixels:
    h, w = x.shape[:2]
    small = Image.fromarray(x).resize((w // 2, h // 2), Image.Resampling.BOX)
    return np.asarray(small.resize((w, h), Image.Resampling.NEAREST))


def _smaller(x: Pixels, _: np.random.Generator) -> Pixels:
    h, w = x.shape[:2]
    page = Image.new("RGB", (w, h))
    page.paste(Image.fromarray(x).resize((5 * w // 8, 5 * h // 8)), (3 * w // 16, 3 * h // 16))
    return np.asarray(page)


def _turned(x: Pixels, rng: np.random.Generator) -> Pixels:
    return np.asarray(Image.fromarray(x).rotate(rng.uniform(10, 30)))


CORRUPTIONS: dict[str, Change] = {
    "noise": _noise,
    "blur": _blurred,
    "low contrast": lambda x, _: _clipped(128 + 0.3 * (x.astype(np.float32) - 128)),
    "darkness": lambda x, _: _clipped(0.3 * x.astype(np.float32)),
    "coarse pixels": _coarse,
    "fog": lambda x, _: _clipped(0.5 * x.astype(np.float32) + 110),
}

CHANGES: dict[str, Change] = {
    "smaller": _smaller,
    "low contrast": CORRUPTIONS["low contrast"],
    "noise": _noise,
    "inverted": lambda x, _: 255 - x,
    "turned": _turned,
}
