"""The contract of feature stores, and what only the one on disk promises."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from topwork.features import Fingerprint, LanceStore, MemoryStore

KEY = Fingerprint("timm:x", "w0", "pooled", (("size", 8),), "openvino", "float32")


def _keys(n: int, start: int = 0) -> list[bytes]:
    return [i.to_bytes(16, "big") for i in range(start, start + n)]


def _rows(n: int, d: int = 6, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


@pytest.fixture(params=["memory", "lance"])
def store(request, tmp_path: Path):
    return MemoryStore() if request.param == "memory" else LanceStore(tmp_path, KEY)


def test_empty_store_knows_nothing(store) -> None:
    assert store.known() == set()
    with pytest.raises(KeyError):
        store.read(_keys(1))


def test_reads_in_the_order_asked_for(store) -> None:
    keys, rows = _keys(20), _rows(20)
    store.append(keys[:7], rows[:7])
    store.append(keys[7:], rows[7:])
    store.flush()
    assert store.known() == set(keys)
    order = [13, 2, 2, 19, 0]
    np.testing.assert_allclose(store.read([keys[i] for i in order]), rows[order], rtol=1e-3)
    assert store.read(keys).dtype == np.float16


def test_large_values_are_kept_in_float32(store) -> None:
    keys, rows = _keys(5), _rows(5)
    rows[3, 2] = 1e12
    store.append(keys, rows)
    found = store.read(keys)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, rows, rtol=1e-3)
    assert store.read([keys[0], keys[1]]).dtype == np.float16


def test_missing_key_is_an_error(store) -> None:
    store.append(_keys(2), _rows(2))
    with pytest.raises(KeyError):
        store.read(_keys(3))


def test_a_second_store_sees_what_the_first_wrote(tmp_path: Path) -> None:
    LanceStore(tmp_path, KEY).append(_keys(3), _rows(3))
    writer = LanceStore(tmp_path, KEY)
    writer.append(_keys(3), _rows(3))
    writer.flush()
    assert LanceStore(tmp_path, KEY).known() == set(_keys(3))


def test_another_fingerprint_is_another_store(tmp_path: Path) -> None:
    import dataclasses

    writer = LanceStore(tmp_path, KEY)
    writer.append(_keys(3), _rows(3))
    writer.flush()
    for field, value in (("weights", "w1"), ("precision", "bfloat16"), ("cut", "blocks.5")):
        other = dataclasses.replace(KEY, **{field: value})
        assert LanceStore(tmp_path, other).known() == set()
    renamed = dataclasses.replace(KEY, backbone="another name for the same weights")
    assert len(LanceStore(tmp_path, renamed).known()) == 3


def test_many_small_commits_are_joined(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("topwork.features.lance_table.FRAGMENTS_BEFORE_COMPACTION", 5)
    store = LanceStore(tmp_path, KEY)
    rows = _rows(40)
    for i in range(40):
        store.append(_keys(1, start=i), rows[i : i + 1])
        store.flush()
    data = list((store.folder / "float16.lance" / "_versions").iterdir())
    assert data
    np.testing.assert_allclose(store.read(_keys(40)), rows, rtol=1e-3)
    import lance

    assert len(lance.dataset(str(store.folder / "float16.lance")).get_fragments()) <= 6


def _write(root: str, start: int) -> None:
    store = LanceStore(Path(root), KEY)
    rows = _rows(30, seed=1)
    for i in range(0, 30, 3):
        store.append(_keys(3, start=start + i), rows[i : i + 3])
        store.flush()


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_write, args=(str(tmp_path), s)) for s in (0, 15)]
    for process in both:
        process.start()
    for process in both:
        process.join()
        assert process.exitcode == 0
    store = LanceStore(tmp_path, KEY)
    assert store.known() == set(_keys(45))
    assert store.read(_keys(45)).shape == (45, 6)
