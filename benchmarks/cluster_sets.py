"""Sets whose groups are known: features of images and texts, and tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench_data import bench_data
from benchmarks.domain_pairs import DOMAINS
from benchmarks.record import Record
from benchmarks.text_ladder import intents
from topwork.backbones import DEFAULT_FOR
from topwork.data import Dataset, read
from topwork.features import silent
from topwork.features.opened_backbone import open_backbone, read_once
from topwork.heads import normalise_rows
from topwork.settings import FitSettings

Rows = NDArray[np.float32]
Codes = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class GroupedSet:
    """Features (n, d), as clusterings take them, and the group of each row (n,)."""

    name: str
    kind: str
    X: Rows
    codes: Codes


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
    yield _wine()
    yield GroupedSet("customers", "table", *customers())


def customers(n: int = 600, seed: int = 0) -> tuple[Rows, Codes]:
    """Four kinds of customers of a shop: numbers by rank, categories scaled, (n, 14)."""
    from scipy.special import ndtri

    rng = np.random.default_rng(seed)
    kinds = rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    age = rng.normal(np.array([28, 45, 62, 38])[kinds], 7)
    orders = rng.poisson(np.array([3, 12, 6, 40])[kinds])
    basket = rng.lognormal(np.array([3.0, 4.2, 3.6, 5.0])[kinds], 0.4)
    days = rng.exponential(np.array([40, 15, 90, 5])[kinds])
    returned = rng.beta(*np.array([[6, 14], [2, 18], [1, 19], [3, 17]])[kinds].T)
    noise = rng.normal(size=(n, 2))
    numbers = np.column_stack([age, orders, basket, days, returned, noise])
    ranks = (numbers + 1e-9 * rng.random(numbers.shape)).argsort(axis=0).argsort(axis=0)
    channel = np.array([[7, 2, 1], [3, 6, 1], [1, 3, 6], [2, 7, 1]])[kinds] / 10
    columns = [ndtri((ranks + 0.5) / n)]
    for shares in (channel, np.full((n, 4), 0.25)):
        drawn = (rng.random((n, 1)) > shares.cumsum(axis=1)).sum(axis=1)
        hot = np.eye(shares.shape[1])[np.minimum(drawn, shares.shape[1] - 1)]
        columns.append((hot - hot.mean(axis=0)) / np.sqrt(np.maximum(hot.mean(axis=0), 1e-9)))
    return np.hstack(columns).astype(np.float32), kinds


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


def _wine() -> GroupedSet:
    from sklearn.datasets import load_wine

    X, codes = load_wine(return_X_y=True)
    return GroupedSet("wine", "table", np.float32((X - X.mean(axis=0)) / X.std(axis=0)), codes)
