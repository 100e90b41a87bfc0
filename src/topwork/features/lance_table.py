"""Rows of one number format in one Lance dataset: content key, view, features."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

FRAGMENTS_BEFORE_COMPACTION = 64
Keys = Sequence[bytes]
Numbers = NDArray[np.int64]


@cache
def lance() -> Any:
    os.environ.setdefault("LANCE_LOG", "error")
    import lance as library

    _opened_by.append(os.getpid())
    return library


_opened_by: list[int] = []


def lance_answers() -> bool:
    """Whether the library can be used: its threads are in the process that loaded it."""
    return not _opened_by or _opened_by[0] == os.getpid()


def open_table(uri: Path) -> Any:
    """The dataset, or None."""
    return lance().dataset(str(uri)) if uri.exists() else None


def commit(uri: Path, keys: Keys, views: Sequence[str], rows: NDArray[Any]) -> None:
    """Append rows ``(b, d)`` in one transaction."""
    import pyarrow as pa

    features = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])
    table = pa.table(
        {
            "key": pa.array(keys, pa.binary(16)),
            "view": pa.array(views, pa.dictionary(pa.int8(), pa.string())),
            "features": features,
        }
    )
    with _creation(uri):
        dataset = lance().write_dataset(
            table, str(uri), mode="append" if uri.exists() else "create"
        )
    if len(dataset.get_fragments()) > FRAGMENTS_BEFORE_COMPACTION:
        _compact(dataset, uri.parent)


def key_array(keys: Keys) -> NDArray[np.bytes_]:
    """Content keys as an array that can be sorted."""
    return np.frombuffer(b"".join(keys), dtype="S16")


def keys_of(table: Any, view: str) -> NDArray[np.bytes_]:
    """The content keys of a view, in the order of its rows."""
    return _columns(table, view)[1]


def row_numbers(table: Any, keys: NDArray[np.bytes_], view: str) -> Numbers:
    """Which row holds each key's view, ``(n,)``; -1 where none does."""
    rows, found = _columns(table, view)
    if not len(found):
        return np.full(len(keys), -1, np.int64)
    order = np.argsort(found, kind="stable")
    places = np.minimum(np.searchsorted(found, keys, sorter=order), len(found) - 1)
    hits = order[places]
    return np.where(found[hits] == keys, rows[hits], -1)


def take(table: Any, rows: Numbers) -> NDArray[Any]:
    """The features ``(b, d)`` of these rows, in this order."""
    distinct, where = np.unique(rows, return_inverse=True)
    column = table.take(distinct.tolist(), columns=["features"])["features"].combine_chunks()
    values: NDArray[Any] = column.flatten().to_numpy().reshape(len(distinct), -1)
    return values if np.array_equal(distinct, rows) else values[where]


def _columns(table: Any, view: str) -> tuple[Numbers, NDArray[np.bytes_]]:
    """Rows of a view, and their keys."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = table.to_table(columns=["key", "view"])
    this = pc.equal(columns["view"].cast(pa.string()), view).to_numpy()
    rows = np.flatnonzero(this).astype(np.int64)
    parts = [
        np.frombuffer(chunk.buffers()[1], "S16", count=len(chunk), offset=16 * chunk.offset)
        for chunk in columns["key"].chunks
    ]
    return rows, np.concatenate(parts)[rows] if parts else np.empty(0, "S16")


@contextmanager
def _creation(uri: Path) -> Iterator[None]:
    """Appends need no lock; two processes that create one dataset at once do."""
    if uri.exists():
        yield
        return
    with FileLock(f"{uri}.lock"):
        yield


def _compact(dataset: Any, folder: Path) -> None:
    """Join small fragments; one process at a time, and none waits for another."""
    from filelock import Timeout

    with suppress(Timeout), FileLock(folder / "compact.lock", timeout=0), suppress(OSError):
        # a concurrent append may win; then the next commit tries again
        dataset.optimize.compact_files()
        dataset.cleanup_old_versions(older_than=timedelta(hours=1))
