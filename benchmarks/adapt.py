"""Models of one domain adapted to another without labels: what ships, beside the best that could.

Thirty-one pairs: the domains of PACS both ways and three to the fourth, small pictures and digits
in other conditions, and other shares of the classes; and three draws of the sketches of PACS with
the shares of its complete set. Labels of the target are used for the tables alone. Each pair is
written to a file when it is done, and a run that was stopped goes on after the last one.

`python -m benchmarks.adapt [--shallow] [FAMILY]`
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel
from scipy import stats

from benchmarks.caches import own_cache
from benchmarks.domain_pairs import (
    SKETCHES,
    Pair,
    complete_sketches,
    digit_pairs,
    pacs_pairs,
    small_pairs,
    values_of,
)
from benchmarks.progress import Progress
from benchmarks.record import Record
from benchmarks.timing import tell
from topwork.inductive import FitSettings, fit
from topwork.metrics.paired import PairedTest, paired_items
from topwork.metrics.slices import holm
from topwork.model import Model
from topwork.transductive import Adapted, AdaptSettings, adapt

MIN_GAIN = 0.12
MIN_MEAN_GAIN = 0.225
MIN_ON_SKETCHES = 0.50
N_PAIRS = 31
MAX_LOSS = 0.01
LEVEL = 0.05


class Outcome(BaseModel):
    """One pair.

    Parameters
    ----------
    ways
        Accuracy of every way that voted; the model as it is comes first.
    rules
        Accuracy of what single rules would have chosen among them.
    """

    family: str
    name: str
    before: float
    after: float
    test: PairedTest
    method: str
    seconds: float
    ways: dict[str, float]
    rules: dict[str, float]


def main() -> None:
    wanted = [a for a in sys.argv[1:] if not a.startswith("-")]
    settings = AdaptSettings(deep="--shallow" not in sys.argv)
    name = "adapt_shallow" if "--shallow" in sys.argv else "adapt"
    record, progress = Record(name), Progress(name, Outcome)
    found: list[Outcome] = []
    models: dict[str, Model] = {}
    with own_cache() as root:
        for pair in _pairs(record, root / "pictures"):
            if wanted and pair.family not in wanted:
                continue
            if (one := progress.done(pair.name)) is None:
                if pair.fitted not in models:
                    models[pair.fitted] = fit(pair.source, FitSettings(baselines=False)).model
                one = _outcome(pair, models[pair.fitted], settings)
                progress.add(pair.name, one)
            found.append(one)
            tell(
                f"{pair.name}: {one.before:.3f} -> {one.after:.3f} "
                f"({one.method}, {one.seconds:.0f} s)"
            )
    if found:
        _tables(record, found)
        _targets(record, [one for one in found if one.family != SKETCHES])
        _sketches(record, [one for one in found if one.family == SKETCHES])
    record.write()
    progress.clear()


def _pairs(record: Record, pictures: Path) -> Iterator[Pair]:
    yield from pacs_pairs(record)
    yield from digit_pairs(pictures)
    yield from small_pairs(record, pictures)
    yield from complete_sketches(record)


def _outcome(pair: Pair, model: Model, settings: AdaptSettings) -> Outcome:
    done = adapt(model, pair.target.without_targets(), settings)
    truth = np.array(values_of(pair.target))
    before, after = (m.predict(pair.target.items).astype(str) == truth for m in (model, done.model))
    ways, rules = _ways(done, np.array([str(label) for label in model.labels]), truth)
    return Outcome(
        family=pair.family,
        name=pair.name,
        before=float(before.mean()),
        after=float(after.mean()),
        test=paired_items(after.astype(float) - before),
        method=done.result.method or "as it was",
        seconds=done.result.seconds,
        ways=ways,
        rules={"source only": float(before.mean()), **rules, "what ships": float(after.mean())},
    )


def _ways(
    done: Adapted, labels: NDArray[np.str_], truth: NDArray[np.str_]
) -> tuple[dict[str, float], dict[str, float]]:
    """Accuracy of every way, and of what would be taken by one rule alone."""
    if done.choice is None:
        return {}, {}
    ways = {one.name: float((labels[one.labels] == truth).mean()) for one in done.choice.proposals}
    certain = {
        one.name: _information(one.probabilities.astype(np.float64))
        for one in done.choice.proposals
    }
    together = labels[done.choice.everything.argmax(axis=1)] == truth
    agreements = done.choice.agreements
    return ways, {
        "all together": float(together.mean()),
        "most agreement": ways[max(agreements, key=agreements.__getitem__)],
        "most information": ways[max(certain, key=certain.__getitem__)],
        "oracle": max(ways.values()),
    }


def _information(p: NDArray[np.float64]) -> float:
    mean = p.mean(axis=0)
    return float((p * np.log(p + 1e-12)).sum(axis=1).mean() - (mean * np.log(mean + 1e-12)).sum())


def _tables(record: Record, found: Sequence[Outcome]) -> None:
    headings = ("from > to", "source only", "what ships", "gain", "how", "s")
    rows = [(o.name, o.before, o.after, o.test.difference, o.method, o.seconds) for o in found]
    record.table("Accuracy on the unlabelled items", headings, rows)
    families = list(dict.fromkeys(o.family for o in found))
    record.table(
        "Mean accuracy by selection rule, where looks differ",
        ("rule", *families),
        _by_family([(o.family, o.rules) for o in found if o.ways], families),
    )
    common: list[tuple[str, dict[str, float]]] = [
        (o.family, _comparable(o.ways)) for o in found if o.ways
    ]
    record.table("Mean accuracy by way", ("way", *families), _by_family(common, families))


def _comparable(ways: dict[str, float]) -> dict[str, float]:
    """Means over the cuts, whose names differ from network to network."""
    gathered: dict[str, list[float]] = defaultdict(list)
    for name, accuracy in ways.items():
        head, _, cut = name.partition(", target statistics after ")
        spread = ", label propagation" if cut.endswith("label propagation") else ""
        gathered[f"{head}, behind a cut{spread}" if cut else name].append(accuracy)
    return {name: float(np.mean(values)) for name, values in gathered.items()}


def _by_family(
    found: Sequence[tuple[str, dict[str, float]]], families: Sequence[str]
) -> list[tuple[object, ...]]:
    names = dict.fromkeys(name for _, some in found for name in some)
    rows: list[tuple[object, ...]] = []
    for name in names:
        values = [
            [some[name] for own, some in found if own == f and name in some] for f in families
        ]
        rows.append((name, *(float(np.mean(v)) if v else None for v in values)))
    return rows


def _targets(record: Record, found: Sequence[Outcome]) -> None:
    gains = np.array([o.test.difference for o in found])
    pacs = [o.test.difference for o in found if o.family == "PACS"]
    if pacs:
        record.target("PACS: mean gain over source only", float(np.mean(pacs)), least=MIN_GAIN)
    worse = holm([worse_than_allowed(o.test) for o in found])
    lost = [o.name for o, p in zip(found, worse, strict=True) if p < LEVEL]
    record.target("pairs more than a point worse, by Holm at 5 %", len(lost), most=0)
    record.note("pairs", len(found))
    record.note("pairs that lose at all", int((gains < 0).sum()))
    half = stats.t.ppf(0.975, len(gains) - 1) * gains.std(ddof=1) / np.sqrt(len(gains))
    record.note("mean gain over all pairs", float(gains.mean()))
    if len(gains) == N_PAIRS:
        record.target("its target, of all pairs", float(gains.mean()), least=MIN_MEAN_GAIN)
    record.target("its 95 % interval from", float(gains.mean() - half), least=0.0)
    record.note("seconds, median", float(np.median([o.seconds for o in found])))


def _sketches(record: Record, found: Sequence[Outcome]) -> None:
    """Unequal shares of the classes, as in the complete set."""
    for one in found:
        record.target(f"{one.name}: accuracy", one.after, least=MIN_ON_SKETCHES)


def worse_than_allowed(test: PairedTest) -> float:
    """One-sided p of a loss of more than ``MAX_LOSS``."""
    if not test.error:
        return 0.0 if test.difference < -MAX_LOSS else 1.0
    return float(stats.t.cdf((test.difference + MAX_LOSS) / test.error, test.degrees))


if __name__ == "__main__":
    main()
