"""Sets whose groups are known: features of images and texts, and tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench_data import bench_data
from benchmarks.cluster_tables import grouped_tables, standardised
from benchmarks.domain_pairs import DOMAINS
from benchmarks.record import Record
from benchmarks.text_ladder import intents
from topwork.backbones import DEFAULT_FOR
from topwork.data import Dataset, read
from topwork.data.columns import RowTable
from topwork.features.opened_backbone import open_backbone, read_once
from topwork.heads import normalise_rows
from topwork.runtime.progress import silent
from topwork.settings import FitSettings

Rows = NDArray[np.float32]
Codes = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class GroupedSet:
    """Features (n, d), as clusterings take them, and the group of each row (n,).

    Of a table, whose columns are standardised for the others, the table itself.
    """

    name: str
    kind: str
    X: Rows
    codes: Codes
    table: RowTable | None = None


def grouped_sets(record: Record) -> Iterator[GroupedSet]:
    """All that are there."""
    for domain in DOMAINS:
        folder = bench_data(record, "pacs-mini", domain)
        if folder is not None:
            yield _features(f"PACS {domain}", "image", read(folder))
    folder = bench_data(record, "cifar-mini")
    if folder is not None:
        yield _features("CIFAR-10", "image", read(folder, split="train"))
    yield _digits()
    yield from _texts(record)
    for one in grouped_tables():
        yield GroupedSet(one.name, "row", standardised(one.table), one.codes, one.table)


def _features(name: str, kind: str, data: Dataset) -> GroupedSet:
    backbone = DEFAULT_FOR[kind]
    wanted = open_backbone(backbone, FitSettings(backbone=backbone)).request
    found = read_once(data, wanted, max_bad=0.0, progress=silent)
    assert data.targets is not None
    X = normalise_rows(wanted.store.read(found.keys))
    return GroupedSet(name, kind, X, data.targets.codes)


def _digits() -> GroupedSet:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    pictures = [np.kron(np.uint8(x * 15.9), np.ones((8, 8), np.uint8)) for x in bunch.images]
    return _features("digits", "image", read(pictures, bunch.target.tolist(), items="image"))


def _texts(record: Record) -> Iterator[GroupedSet]:
    folder = bench_data(record, "sst2")
    if folder is not None:
        data = read(Path(folder, "test.tsv"), header=("text", "label"))
        yield _features("reviews", "text", data)
    yield _features("77 invented intents", "text", intents()[1])
