"""Augmented copies and frames: how many families are found, and whether the score tells the truth.

`python -m benchmarks.families`

In each draw some originals become several files each; `fit` sees those files alone. Its score is
held against the score with the true origins as groups, and against what the model gets right of
copies, made in the same way, of originals that it never saw. Sets without families tell how much
is joined in error.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from benchmarks.augmented import KINDS, Augmented, augment
from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.record import Record
from topwork.data import Dataset, read
from topwork.inductive import fit
from topwork.intake.families import families_of
from topwork.intake.survey import Survey, survey
from topwork.quality import Families, find_duplicates
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings
from topwork.trials.trial import targets_of

DRAWS = 20
MAIN = 3
"""Kinds of copies that make up most draws; the others are measured, too."""

WITHIN, MIN_FOUND, MAX_FALSE, MAX_SECONDS = 0.03, 0.95, 0.01, 3.0
N_SPEED = 3000
SETTINGS = FitSettings(baselines=False)


@dataclass(frozen=True)
class ImageInputs:
    """Originals with their labels."""

    pixels: list[np.ndarray]
    labels: list[str]

    def take(self, rows: np.ndarray) -> ImageInputs:
        return ImageInputs([self.pixels[i] for i in rows], [self.labels[i] for i in rows])


@dataclass(frozen=True)
class Outcome:
    """Of one draw: scores, and what was found."""

    kind: str
    n: int
    predicted: float
    low: float
    high: float
    apart: float
    by_origin: float
    others: float
    found: float
    mixed: float


def main() -> None:
    record = Record("families")
    with own_cache(), tempfile.TemporaryDirectory() as folder:
        sets = _sets(record)
        if sets:
            _draws(record, sets, Path(folder))
        _without(record, sets)
        if "cifar-mini" in sets:
            _speed(record, sets["cifar-mini"], Path(folder))
    record.write()


def _sets(record: Record) -> dict[str, ImageInputs]:
    sets = {}
    for domain in ("photo", "art_painting", "cartoon"):
        root = bench_data(record, "pacs-mini", domain)
        if root:
            sets[f"pacs-mini/{domain}"] = _images(root)
    root = bench_data(record, "cifar-mini", "train")
    if root:
        sets["cifar-mini"] = _images(root)
    return sets


def _images(root: Path) -> ImageInputs:
    files = sorted(path for path in root.glob("*/*") if path.is_file())
    return ImageInputs(
        [np.asarray(Image.open(path).convert("RGB")) for path in files],
        [path.parent.name for path in files],
    )


def _draws(record: Record, sets: dict[str, ImageInputs], folder: Path) -> None:
    outcomes = []
    for draw in range(DRAWS):
        kinds = list(KINDS)
        kind = kinds[draw % MAIN] if draw < 12 else kinds[MAIN + draw % (len(kinds) - MAIN)]
        name = list(sets)[draw % len(sets)]
        outcomes.append(_draw(sets[name], kind, draw, folder / str(draw)))
        one = outcomes[-1]
        print(f"{draw} {name} {one}", flush=True)
    by_kind = defaultdict(list)
    for one in outcomes:
        by_kind[one.kind].append(one)
    record.table(
        "by kind of copies, means of its draws",
        [
            "kind",
            "draws",
            "kept together",
            "apart",
            "by origin",
            "other originals",
            "found",
            "mixed",
        ],
        [
            [kind, len(some), *(_known(getattr(o, f) for o in some) for f in FIELDS)]
            for kind, some in by_kind.items()
        ],
    )
    off = np.array([o.predicted - o.by_origin for o in outcomes])
    away = np.array([o.predicted - o.others for o in outcomes])
    record.note("score minus the one by true origins, largest", float(np.abs(off).max()))
    record.note("score minus that on other originals, mean", float(away.mean()))
    record.note("the same, standard deviation over draws", float(away.std(ddof=1)))
    record.note(
        "the same where copies are apart, mean", _known(o.apart - o.others for o in outcomes)
    )
    record.target(
        "draws within 0.03 of the score by origin", int((abs(off) <= WITHIN).sum()), least=19
    )
    inside = [o.low <= o.others <= o.high for o in outcomes]
    record.target("draws whose interval holds the score on other originals", sum(inside), least=18)
    record.target(
        "draws within 0.03 of the score on other originals",
        int((abs(away) <= WITHIN).sum()),
        least=19,
    )
    record.target(
        "items that are with their family", _mean(o.found for o in outcomes), least=MIN_FOUND
    )
    record.target(
        "items in groups of several originals", _mean(o.mixed for o in outcomes), most=MAX_FALSE
    )


FIELDS = ("predicted", "apart", "by_origin", "others", "found", "mixed")


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _known(values: Iterable[float]) -> float | None:
    """The mean of those that there are: without families there is nothing to hold apart."""
    found = [value for value in values if not np.isnan(value)]
    return _mean(found) if found else None


def _draw(pictures: ImageInputs, kind: str, seed: int, folder: Path) -> Outcome:
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(pictures.pixels))
    n = int(rng.integers(40, min(250, len(order) // 2) + 1))
    copies = int(rng.integers(4, 9))
    made = _made(pictures.take(order[:n]), kind, copies, seed, folder / "own")
    others = _made(pictures.take(order[n:][:300]), kind, 2, seed + 1000, folder / "others")
    data = read(made.folder)
    fitted = fit(data, SETTINGS)
    result = fitted.result
    assert result.scores is not None
    score = result.scores.balanced_accuracy
    names = [item.name for item in data.items]
    origin = np.array([made.original[name] for name in names])
    grouped = Dataset(data.items, data.targets, groups=origin, kind=data.kind, source=data.source)
    truth = fit(grouped, FitSettings(baselines=False, name_groups=False)).result
    assert truth.scores is not None
    on_others = fitted.model.evaluate(_of_classes(read(others.folder), data))
    families = _found(survey(data, RunContext(SETTINGS)))
    return Outcome(
        kind=kind,
        n=n,
        predicted=score.value,
        low=score.low,
        high=1.0 if score.high is None else score.high,
        apart=result.families.apart if result.families and result.families.apart else np.nan,
        by_origin=truth.scores.balanced_accuracy.value,
        others=on_others.scores.balanced_accuracy.value,
        found=_share_found(families, origin),
        mixed=_share_mixed(families, origin),
    )


def _of_classes(others: Dataset, data: Dataset) -> Dataset:
    assert others.targets is not None
    assert data.targets is not None
    there = set(data.targets.values())
    return others.take(np.array([label in there for label in others.targets.values()]))


def _made(pictures: ImageInputs, kind: str, copies: int, seed: int, folder: Path) -> Augmented:
    return augment(pictures.pixels, pictures.labels, folder, kind=kind, copies=copies, seed=seed)


def _found(seen: Survey) -> Families:
    codes, keys = targets_of(seen.frozen).codes, seen.frozen.extraction.keys
    copies = find_duplicates(keys, seen.similarity, seen.frozen.features, codes)
    families = families_of(seen.frozen, seen.similarity, copies, SETTINGS)
    assert families is not None
    return families


def _share_found(families: Families, origin: np.ndarray) -> float:
    """Part of the items that are in the largest group of their original."""
    largest = sum(np.bincount(families.groups[origin == i]).max() for i in np.unique(origin))
    return float(largest / len(origin))


def _share_mixed(families: Families, origin: np.ndarray) -> float:
    """Part of the items in groups that hold several originals."""
    of_several = [len(np.unique(origin[families.groups == g])) > 1 for g in families.groups]
    return float(np.mean(of_several))


def _without(record: Record, sets: dict[str, ImageInputs]) -> None:
    digits = load_digits()
    grey = (digits.images * 15.9).astype(np.uint8)[..., None].repeat(3, axis=3)
    plain = {**sets, "digits": ImageInputs(list(grey), [str(label) for label in digits.target])}
    for name, pictures in plain.items():
        families = _found(survey(read(pictures.pixels, pictures.labels), RunContext(SETTINGS)))
        record.target(f"{name}: items joined", float(families.joined.mean()), most=MAX_FALSE)


def _speed(record: Record, pictures: ImageInputs, folder: Path) -> None:
    n = len(pictures.pixels)
    rows = np.random.default_rng(0).permutation(n)
    many = _made(
        pictures.take(rows[: N_SPEED // 8]), "like Keras, random names", 8, 0, folder / "s"
    )
    plain = pictures.take(np.resize(rows, N_SPEED))
    lit = [np.clip(p + i // n * 9.0, 0, 255).astype(np.uint8) for i, p in enumerate(plain.pixels)]
    for name, data in (("copies", read(many.folder)), ("no copies", read(lit, plain.labels))):
        seen = survey(data, RunContext(SETTINGS))
        codes, keys = targets_of(seen.frozen).codes, seen.frozen.extraction.keys
        found = find_duplicates(keys, seen.similarity, seen.frozen.features, codes)
        begun = time.monotonic()
        families_of(seen.frozen, seen.similarity, found, SETTINGS)
        took = time.monotonic() - begun
        record.target(f"seconds to look at {len(data)} images, {name}", took, most=MAX_SECONDS)


if __name__ == "__main__":
    main()
