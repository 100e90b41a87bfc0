"""How many planted near-duplicates are found, how many false pairs, and what they do to a score.

`python -m benchmarks.duplicates`

Copies of 5 % of the pictures are planted, each changed in one way, in several draws. A pair counts
as found if both are in one group; a pair in one group that was not planted counts as false, also
where it is a copy that the set had before. False pairs are held against all pairs of different
pictures of one class.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np
from sklearn.metrics import accuracy_score

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.frozen import Frozen
from benchmarks.planted import CHANGES, Planted, plant
from benchmarks.record import Record
from topwork.data import Dataset, Item, read
from topwork.features import FeatureRequest, FeatureStore, extract
from topwork.heads import stratified_folds
from topwork.quality import Duplicates, ImageSimilarity, find_duplicates
from topwork.quality.item_fingerprints import ItemFingerprints, fingerprints_of
from topwork.validation import cross_validate_head

DRAWS = range(5)
MIN_FOUND, MAX_FALSE = 0.95, 0.005


@dataclass(frozen=True)
class Survey:
    """What is known of n items."""

    keys: list[bytes]
    features: np.ndarray
    thumbnails: np.ndarray
    codes: np.ndarray

    def joined(self, other: Survey) -> Survey:
        return Survey(
            self.keys + other.keys,
            *(
                np.concatenate([getattr(self, name), getattr(other, name)])
                for name in ("features", "thumbnails", "codes")
            ),
        )

    def find(self) -> Duplicates:
        similarity = ImageSimilarity(self.thumbnails, np.zeros((len(self.keys), 2), np.int64))
        return find_duplicates(self.keys, similarity, self.features, self.codes)


@dataclass
class Tally:
    """Counts over all draws."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    false: int = 0
    different: int = 0
    across: int = 0
    seconds: list[float] = field(default_factory=list)
    scores: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def main() -> None:
    record = Record("duplicates")
    with own_cache(), tempfile.TemporaryDirectory() as folder:
        frozen = Frozen.opened()
        for title, data in _sets(record).items():
            _measure(record, title, data, frozen, Path(folder) / title.replace("/", "_"))
    record.write()


def _sets(record: Record) -> dict[str, Dataset]:
    sets = {}
    cifar, pacs = bench_data(record, "cifar-mini"), bench_data(record, "pacs-mini")
    if cifar:
        sets["cifar-mini"] = read(cifar, split="all")
    if pacs:
        whole = read(pacs, layout="domain/class")
        sets["pacs-mini"] = whole
        assert whole.domains is not None
        for domain in np.unique(whole.domains):
            sets[f"pacs-mini/{domain}"] = whole.take(whole.domains == domain)
    return sets


def _measure(record: Record, title: str, data: Dataset, frozen: Frozen, folder: Path) -> None:
    assert data.targets is not None
    store, sketches = frozen.store(), fingerprints_of(data.kind.name, keep=False)
    plain = _seen(list(data.items), data.targets.codes, frozen, store, sketches, data)
    before, tally = plain.find(), Tally()
    for seed in DRAWS:
        planted = plant(list(data.items), folder / str(seed), seed=seed)
        codes = data.targets.codes[planted.sources]
        _count(
            tally,
            plain.joined(_seen(planted.items, codes, frozen, store, sketches, data)),
            planted,
            seed,
        )
    _report(record, title, tally, before, plain)


def _seen(
    items: list[Item],
    codes: np.ndarray,
    frozen: Frozen,
    store: FeatureStore,
    sketches: ItemFingerprints,
    data: Dataset,
) -> Survey:
    wanted = FeatureRequest(frozen.framing, frozen.engine, store)
    done = extract(items, wanted, kind=data.kind, extra_requests=[sketches.request])
    assert not done.rejected
    similarity = sketches.similarity(done.keys, None)
    assert isinstance(similarity, ImageSimilarity)
    return Survey(list(done.keys), store.read(done.keys), similarity.thumbnails, codes)


def _count(tally: Tally, seen: Survey, planted: Planted, seed: int) -> None:
    begun = time.process_time()
    groups = seen.find().groups
    tally.seconds.append(time.process_time() - begun)
    n = len(groups) - len(planted.items)
    origin = np.concatenate([np.arange(n), planted.sources])
    hit = groups[planted.sources] == groups[n:]
    tally.planted.update(planted.changes.tolist())
    tally.found.update(planted.changes[hit].tolist())
    tally.false += _false_pairs(groups, origin)
    of_class = np.bincount(seen.codes)
    tally.different += int((of_class * (of_class - 1) // 2).sum()) - len(planted.items)
    _score(tally, seen, groups, n, planted, seed)


def _false_pairs(groups: np.ndarray, origin: np.ndarray) -> int:
    order = np.argsort(groups, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    return sum(
        origin[a] != origin[b] for part in parts if len(part) > 1 for a, b in combinations(part, 2)
    )


def _score(
    tally: Tally, seen: Survey, groups: np.ndarray, n: int, planted: Planted, seed: int
) -> None:
    """Accuracy by folds that know nothing of the copies, and by folds that keep groups together."""
    twins = np.concatenate([planted.sources, np.arange(n, n + len(planted.items))])
    for name, together in (("naive", None), ("grouped", groups)):
        folds = stratified_folds(seen.codes, n_folds=5, groups=together, seed=seed)
        judged = cross_validate_head(
            seen.features, seen.codes, int(seen.codes.max()) + 1, folds=folds
        )
        said = judged.probabilities_oof.argmax(axis=1)
        tally.scores[f"{name}, all items"].append(accuracy_score(seen.codes, said))
        tally.scores[f"{name}, copied items"].append(accuracy_score(seen.codes[twins], said[twins]))
        if together is not None:
            tally.across += int((folds[planted.sources] != folds[n:]).sum())


def _report(record: Record, title: str, tally: Tally, before: Duplicates, plain: Survey) -> None:
    share = tally.found.total() / tally.planted.total()
    false = tally.false / tally.different
    record.table(
        f"{title}: planted copies found",
        ["what was done", "planted", "found %"],
        [
            [change, tally.planted[change], 100 * tally.found[change] / tally.planted[change]]
            for change in CHANGES
        ],
    )
    record.table(
        f"{title}: accuracy, mean of {len(DRAWS)} draws",
        ["folds", "accuracy"],
        [[name, float(np.mean(values))] for name, values in tally.scores.items()],
    )
    near = [pair for pair in before.pairs if pair.kind == "near"]
    record.note(f"{title}: items", len(plain.keys))
    record.note(f"{title}: pairs found before planting", [len(before.pairs), len(near)])
    record.note(f"{title}: false pairs a draw", tally.false / len(DRAWS))
    record.note(f"{title}: processor seconds to find them", float(np.median(tally.seconds)))
    record.target(f"{title}: planted copies found", share, least=MIN_FOUND)
    record.target(f"{title}: false pairs", false, most=MAX_FALSE)
    record.target(f"{title}: copies across folds", tally.across / len(DRAWS), most=0)


if __name__ == "__main__":
    main()
