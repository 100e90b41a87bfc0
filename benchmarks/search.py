"""What the search brings over the probe on real data, judged on held-out items.

Eight sets, five draws each, from few labels to many; baselines are left out, so that what is
selected is the probe or something above it. Every draw is written down when it is done, and a run
that was ended goes on where it was: `--fresh` begins anew, names of sets (photo, art_painting,
cartoon, sketch, cifar, digits, reviews, irony) run those only, `--draws 0,1` those draws only.

`python -m benchmarks.search [SET ...] [--draws 0,1,2] [--fresh]`
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.record import RESULTS, Record
from benchmarks.timing import tell
from topwork.backbones import DEFAULT_FOR
from topwork.data import Dataset, read
from topwork.features.opened_backbone import read_once
from topwork.inductive import FitSettings, fit
from topwork.inductive.fitting import Fitted
from topwork.runtime.progress import silent

MINUTES = 3.0
SLACK = 1.1
"""A fit may end so much later than it was told."""
LOST = 0.01
MAX_TESTED = 1000
SMALL, LARGE = (4, 8, 12, 16, 20), (4, 8, 16, 24, 40)
"""Labels per class of the draws: of sets with 40 items of each class, and of larger ones."""
DRAWS = RESULTS / "search_draws.jsonl"


@dataclass(frozen=True)
class Source:
    """A set: how it is read, and how many labels per class the draws take."""

    name: str
    load: Callable[[Record], tuple[Dataset, Dataset | None] | None]
    per_class: tuple[int, ...] = LARGE


def main() -> None:
    names, draws, fresh = _arguments(sys.argv[1:])
    record = Record("search")
    if fresh:
        DRAWS.unlink(missing_ok=True)
    found = _found()
    loaded = {s.name: s.load(record) for s in SOURCES if not names or s.name in names}
    with own_cache():
        for number in draws:
            for source in SOURCES:
                parts = loaded.get(source.name)
                if parts is not None and (source.name, number) not in found:
                    one = _draw(source, *parts, number)
                    found[source.name, number] = one
                    _note(one)
    _report(record, list(found.values()))
    record.write()


def _arguments(given: list[str]) -> tuple[set[str], list[int], bool]:
    fresh, draws = "--fresh" in given, list(range(len(LARGE)))
    rest = [argument for argument in given if argument != "--fresh"]
    if "--draws" in rest:
        place = rest.index("--draws")
        draws = [int(number) for number in rest[place + 1].split(",")]
        del rest[place : place + 2]
    unknown = set(rest) - {source.name for source in SOURCES}
    if unknown:
        raise SystemExit(f"no such set: {', '.join(sorted(unknown))}")
    return set(rest), draws, fresh


def _found() -> dict[tuple[str, int], dict[str, Any]]:
    lines = DRAWS.read_text(encoding="utf-8").splitlines() if DRAWS.exists() else []
    done = [json.loads(line) for line in lines]
    return {(one["set"], one["draw"]): one for one in done}


def _note(one: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    with DRAWS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(one, ensure_ascii=False) + "\n")


def _draw(source: Source, train: Dataset, test: Dataset | None, number: int) -> dict[str, Any]:
    per_class = source.per_class[number]
    known, rest = _divided(train, per_class, seed=number)
    new = _some(rest if test is None else test, seed=number)
    settings = FitSettings(
        backbone=DEFAULT_FOR[train.kind.name],
        strategy="auto",
        minutes=MINUTES,
        baselines=False,
        seed=number,
    )
    begun = time.monotonic()
    fitted = fit(known, settings)
    seconds = time.monotonic() - begun
    probe, selected = _probe_accuracy(fitted, new), _accuracy(fitted, new)
    chosen = fitted.artifacts.chosen.candidate.name
    tell(
        f"{source.name}, {per_class} per class: {chosen}, {selected:.3f} after {probe:.3f}, "
        f"{seconds:.0f} s"
    )
    return {
        "set": source.name,
        "draw": number,
        "labels per class": per_class,
        "tested": len(new),
        "selected": chosen,
        "probe": probe,
        "shipped": selected,
        "seconds": seconds,
        "said": fitted.result.choice.reason if fitted.result.choice else "",
        "rungs": {rung.name: rung.reason for rung in fitted.result.ladder},
    }


def _report(record: Record, done: list[dict[str, Any]]) -> None:
    done = sorted(done, key=lambda one: (one["set"], one["draw"]))
    record.table(
        f"accuracy on held-out items, --minutes {MINUTES:g}",
        ("draw", "labels per class", "tested", "probe", "selected", "gain, points", "s"),
        [
            (
                f"{one['set']} {one['draw']}: {one['selected']}",
                one["labels per class"],
                one["tested"],
                one["probe"],
                one["shipped"],
                100 * (one["shipped"] - one["probe"]),
                one["seconds"],
            )
            for one in done
        ],
    )
    if len(done) < 2:
        return
    gains = np.array([one["shipped"] - one["probe"] for one in done])
    error = gains.std(ddof=1) / np.sqrt(len(gains))
    interval = [100 * float(gains.mean() + side * 1.96 * error) for side in (-1, 1)]
    record.note("draws", len(gains))
    record.note("mean gain, points, 95 % interval", interval)
    record.note("draws in which something above the probe is selected", int(np.sum(gains != 0)))
    record.target("mean gain over the probe, points", 100 * float(gains.mean()), least=0.0)
    lost = float(np.sum(gains < -LOST))
    record.target("draws more than a point below the probe", lost, most=len(gains) / 40)
    slowest = max(one["seconds"] for one in done) / 60
    record.target("minutes of the slowest", slowest, most=MINUTES * SLACK)


def _divided(data: Dataset, per_class: int, seed: int) -> tuple[Dataset, Dataset]:
    """So many items of each class, and all others."""
    assert data.targets is not None
    codes = data.targets.codes
    order = np.random.default_rng(seed).permutation(len(codes))
    first = [order[codes[order] == c][:per_class] for c in range(data.n_classes)]
    rows = np.sort(np.concatenate(first))
    return data.take(rows), data.take(np.setdiff1d(np.arange(len(codes)), rows))


def _some(data: Dataset, seed: int) -> Dataset:
    order = np.random.default_rng(seed).permutation(len(data))
    return data.take(np.sort(order[:MAX_TESTED]))


def _probe_accuracy(fitted: Fitted, new: Dataset) -> float:
    transfer = fitted.artifacts.transfer
    found = read_once(new, transfer.frozen.opened.request, max_bad=0.0, progress=silent)
    part = transfer.frozen.opened.part(new, found)
    assert part.data.targets is not None
    assert transfer.frozen.data.targets is not None
    labels = np.array([str(label) for label in transfer.frozen.data.targets.labels])
    said = labels[transfer.head.linear.logits(part.features).argmax(axis=1)]
    return float(np.mean(said == np.array([str(v) for v in part.data.targets.values()])))


def _accuracy(fitted: Fitted, new: Dataset) -> float:
    if fitted.artifacts.chosen is fitted.artifacts.transfer:
        return _probe_accuracy(fitted, new)  # in the precision that the probe is judged in
    return float(fitted.model.evaluate(new).scores.accuracy.value)


def _domain(name: str, record: Record) -> tuple[Dataset, None] | None:
    folder = bench_data(record, "pacs-mini", name)
    return None if folder is None else (read(folder), None)


def _cifar(record: Record) -> tuple[Dataset, Dataset] | None:
    folder = bench_data(record, "cifar-mini")
    return None if folder is None else (read(folder), read(folder, split="test"))


def _digits(record: Record) -> tuple[Dataset, None]:  # noqa: ARG001
    from sklearn.datasets import load_digits

    digits = load_digits()
    pictures = [(image * 255 / 16).astype("u1") for image in digits.images]
    return read(pictures, [str(label) for label in digits.target]), None


def _texts(
    record: Record, folder: str, train: str, test: str, header: tuple[str, str] | None
) -> tuple[Dataset, Dataset] | None:
    found = bench_data(record, folder)
    if found is None:
        return None
    both = [_table(found / name, header) for name in (train, test)]
    return both[0], both[1]


def _table(path: Path, header: tuple[str, str] | None) -> Dataset:
    return read(path, header=header) if header else read(path)


SOURCES = (
    *(
        Source(name, partial(_domain, name), SMALL)
        for name in ("photo", "art_painting", "cartoon", "sketch")
    ),
    Source("cifar", _cifar),
    Source("digits", _digits),
    Source("reviews", lambda r: _texts(r, "sst2", "train.tsv", "test.tsv", ("text", "label"))),
    Source("irony", lambda r: _texts(r, "tweets-mini", "irony-train.csv", "irony-test.csv", None)),
)


if __name__ == "__main__":
    main()
