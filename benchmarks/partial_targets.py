"""Adaptation to a new domain that holds only some of the classes.

Twenty-four pairs of domains: of PACS, digits and small pictures, with one, two or half of the
classes, in equal shares or with a tenth of the last class. What is returned must nowhere be worse
than the model. Labels of the target are used for the tables alone. Each pair is written to a file
when it is done, and a run that was stopped goes on after the last one.

`python -m benchmarks.partial_targets [--shallow]`
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pydantic import BaseModel

from benchmarks.adapt import LEVEL, worse_than_allowed
from benchmarks.caches import own_cache
from benchmarks.domain_pairs import Pair, digit_pairs, pacs_pairs, small_pairs, values_of
from benchmarks.progress import Progress
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.data import Dataset
from topwork.inductive import FitSettings, fit
from topwork.metrics.paired import PairedTest, paired_items
from topwork.metrics.slices import holm
from topwork.model import Model
from topwork.transductive import AdaptSettings, adapt

SHARES_OF_CLASSES = ("one", "two", "half")
RAREST = 0.1
"""Of a class's items, for the last class where shares differ."""
MAX = 300
"""Items of a target."""


@dataclass(frozen=True, slots=True)
class Partial:
    """A pair whose target holds some of the classes."""

    pair: Pair
    classes: tuple[str, ...]
    unequal: bool

    @property
    def name(self) -> str:
        """Unique among all."""
        shares = ", 10:1" if self.unequal else ""
        return f"{self.pair.name}, {len(self.classes)} classes{shares}"


class Outcome(BaseModel):
    """One target.

    Parameters
    ----------
    verdict
        What was said of the classes present; empty where nothing was tried.
    held
        Share of the classes whose interval holds their true share; None without intervals.
    """

    name: str
    family: str
    n: int
    before: float
    after: float
    test: PairedTest
    method: str
    verdict: str
    held: float | None
    seconds: float


def main() -> None:
    shallow = "--shallow" in sys.argv
    record = Record("partial_targets")
    progress = Progress("partial_targets", Outcome)
    models: dict[str, Model] = {}
    found: list[Outcome] = []
    with own_cache() as root:
        for one in partial_targets(record, root / "pictures"):
            if (done := progress.done(one.name)) is None:
                pair = one.pair
                if pair.fitted not in models:
                    models[pair.fitted] = fit(pair.source, FitSettings(baselines=False)).model
                done = _outcome(one, models[pair.fitted], AdaptSettings(deep=not shallow))
                progress.add(one.name, done)
            found.append(done)
            tell(f"{done.name}: {done.before:.3f} -> {done.after:.3f} ({done.method})")
    if found:
        _write(record, found)
    record.write()
    progress.clear()


def partial_targets(record: Record, pictures: Path) -> Iterator[Partial]:
    """Eight pairs with one, two and half of the classes; every other one in unequal shares."""
    pairs = [
        *_chosen(pacs_pairs(record), _PACS),
        *_chosen(digit_pairs(pictures), _DIGITS),
        *_chosen(small_pairs(record, pictures), _SMALL),
    ]
    rng = np.random.default_rng(0)
    for i, pair in enumerate(pairs):
        labels = sorted(set(values_of(pair.target)))
        for j, share in enumerate(SHARES_OF_CLASSES):
            n = {"one": 1, "two": 2, "half": len(labels) // 2}[share]
            classes = tuple(rng.permutation(labels)[:n].tolist())
            unequal = n > 1 and (i + j) % 2 == 0
            target = _drawn(pair.target, classes, rng, unequal=unequal)
            yield Partial(replace(pair, target=target), classes, unequal)


_PACS = ("photo > art_painting", "photo > cartoon", "art_painting > photo", "cartoon > sketch")
_DIGITS = ("digits > low contrast", "digits > inverted")
_SMALL = ("small pictures > darkness", "small pictures > blur")


def _chosen(pairs: Iterator[Pair], names: Sequence[str]) -> list[Pair]:
    return [pair for pair in pairs if pair.name in names]


def _drawn(
    data: Dataset, classes: Sequence[str], rng: np.random.Generator, *, unequal: bool
) -> Dataset:
    """Items of these classes, in equal shares or in falling ones, the last a tenth of the first."""
    values, rows = np.array(values_of(data)), []
    for i, label in enumerate(classes):
        own = rng.permutation(np.flatnonzero(values == label))[: MAX // len(classes)]
        share = RAREST ** (i / max(1, len(classes) - 1)) if unequal else 1.0
        rows.append(own[: max(2, round(share * len(own)))])
    return data.take(np.sort(np.concatenate(rows)))


def _outcome(one: Partial, model: Model, settings: AdaptSettings) -> Outcome:
    target = one.pair.target
    done = adapt(model, target.without_targets(), settings)
    truth = np.array(values_of(target))
    before, after = (m.predict(target.items).astype(str) == truth for m in (model, done.model))
    presence = done.result.presence
    held = None
    if presence is not None:
        shares = {c.label: float((truth == c.label).mean()) for c in presence.classes}
        held = float(
            np.mean(
                [c.share.low <= shares[c.label] <= (c.share.high or 1) for c in presence.classes]
            )
        )
    return Outcome(
        name=one.name,
        family=one.pair.family,
        n=len(truth),
        before=float(before.mean()),
        after=float(after.mean()),
        test=paired_items(after.astype(float) - before),
        method=done.result.method or "as it was",
        verdict=presence.verdict if presence else "",
        held=held,
        seconds=done.result.seconds,
    )


def _write(record: Record, found: Sequence[Outcome]) -> None:
    headings = ("from > to", "n", "source only", "returned", "gain", "classes", "how", "s")
    rows = [
        (o.name, o.n, o.before, o.after, o.test.difference, o.verdict, o.method, o.seconds)
        for o in found
    ]
    record.table("Accuracy on the items of some classes", headings, rows)
    worse = holm([worse_than_allowed(o.test) for o in found])
    lost = [o.name for o, p in zip(found, worse, strict=True) if p < LEVEL]
    record.target("targets more than a point worse, by Holm at 5 %", len(lost), most=0)
    gains = np.array([o.test.difference for o in found])
    record.target("mean gain", float(gains.mean()), least=0.0)
    record.note("targets that lose at all", int((gains < 0).sum()))
    record.note("pairs", len(found))
    held = [o.held for o in found if o.held is not None]
    if held:
        record.note("shares of classes within their 95 % interval", float(np.mean(held)))


if __name__ == "__main__":
    main()
