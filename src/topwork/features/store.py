"""Features on disk, keyed by what they were computed from; one Lance dataset a fingerprint."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from topwork.features.fingerprint import Fingerprint

PLAIN = "plain"
"""The view that shows an item as it is."""

FLUSH_SECONDS = 2.0
"""What a kill can lose: rows are committed this often, because a commit costs some 10 ms."""

FRAGMENTS_BEFORE_COMPACTION = 64
_LARGEST_FLOAT16 = float(np.finfo(np.float16).max)

Keys = Sequence[bytes]


class FeatureStore(Protocol):
    """Where extraction puts features and everything else takes them from."""

    def known(self) -> set[bytes]:
        """The content keys that are here."""
        ...

    def append(self, keys: Keys, features: NDArray[np.float32]) -> None:
        """Add rows ``(b, d)``; they are safe after ``flush`` at the latest."""
        ...

    def flush(self) -> None:
        """Make everything that was appended safe."""
        ...

    def read(self, keys: Keys) -> NDArray[Any]:
        """The features ``(n, d)`` of these keys, in this order."""
        ...


class MemoryStore:
    """Keeps features for one run only."""

    def __init__(self) -> None:
        self._rows: dict[bytes, NDArray[Any]] = {}

    def known(self) -> set[bytes]:
        return set(self._rows)

    def append(self, keys: Keys, features: NDArray[np.float32]) -> None:
        for dtype, chosen in _by_dtype(features):
            for i in chosen:
                self._rows[keys[i]] = features[i].astype(dtype)

    def flush(self) -> None:
        """Nothing to do: nothing is ever safe here."""

    def read(self, keys: Keys) -> NDArray[Any]:
        return np.stack([self._rows[k] for k in keys])


class LanceStore:
    """Keeps features in a folder: transactional, for any number of processes.

    Rows that float16 can't hold go to a second dataset in float32.

    Parameters
    ----------
    root
        The folder of all stores.
    fingerprint
        What the features depend on.
    """

    def __init__(self, root: Path, fingerprint: Fingerprint) -> None:
        self.folder = root / fingerprint.digest
        self.folder.mkdir(parents=True, exist_ok=True)
        note = self.folder / "fingerprint.json"
        if not note.exists():
            note.write_text(json.dumps(fingerprint.as_dict(), indent=1))
        self._pending: dict[str, list[tuple[list[bytes], NDArray[Any]]]] = {}
        self._flushed = time.monotonic()

    def known(self) -> set[bytes]:
        return {
            key
            for dtype in _DTYPES
            if (table := _open(self._uri(dtype))) is not None
            for key in _keys(table)
        }

    def append(self, keys: Keys, features: NDArray[np.float32]) -> None:
        for dtype, chosen in _by_dtype(features):
            rows = ([keys[i] for i in chosen], features[chosen].astype(dtype))
            self._pending.setdefault(dtype, []).append(rows)
        if time.monotonic() - self._flushed > FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        for dtype in list(self._pending):
            parts = self._pending.pop(dtype)
            keys = [key for part, _ in parts for key in part]
            self._commit(dtype, keys, np.concatenate([rows for _, rows in parts]))
        self._flushed = time.monotonic()

    def read(self, keys: Keys) -> NDArray[Any]:
        self.flush()
        missing = dict.fromkeys(keys)
        found: list[tuple[dict[bytes, int], NDArray[Any]]] = []
        for dtype in _DTYPES:
            table = _open(self._uri(dtype))
            if table is None or not missing:
                continue
            rows = {k: row for row, k in enumerate(_keys(table)) if k in missing}
            wanted = sorted(rows.items(), key=lambda pair: pair[1])
            if not wanted:
                continue
            values = _take(table, [row for _, row in wanted])
            found.append(({key: i for i, (key, _) in enumerate(wanted)}, values))
            for key in rows:
                del missing[key]
        if missing:
            raise KeyError(f"{len(missing)} items are not in the store")
        return _gather(keys, found)

    def _uri(self, dtype: str) -> Path:
        return self.folder / f"{dtype}.lance"

    def _commit(self, dtype: str, keys: list[bytes], rows: NDArray[Any]) -> None:
        table, uri = _table(keys, rows), self._uri(dtype)
        with _creation(uri):
            dataset = _lance().write_dataset(
                table, str(uri), mode="append" if uri.exists() else "create"
            )
        if len(dataset.get_fragments()) > FRAGMENTS_BEFORE_COMPACTION:
            _compact(dataset, self.folder)


_DTYPES = ("float16", "float32")


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


def _by_dtype(features: NDArray[np.float32]) -> list[tuple[str, NDArray[np.intp]]]:
    large = (np.abs(features).reshape(len(features), -1) > _LARGEST_FLOAT16).any(axis=1)
    parts = (("float16", np.flatnonzero(~large)), ("float32", np.flatnonzero(large)))
    return [(dtype, rows) for dtype, rows in parts if len(rows)]


def _gather(keys: Keys, found: list[tuple[dict[bytes, int], NDArray[Any]]]) -> NDArray[Any]:
    dtype = np.result_type(*(values.dtype for _, values in found))
    out = np.empty((len(keys), *found[0][1].shape[1:]), dtype)
    for index, values in found:
        rows = np.array([index.get(key, -1) for key in keys])
        here = rows >= 0
        out[here] = values[rows[here]]
    return out


@cache
def _lance() -> Any:
    import os

    os.environ.setdefault("LANCE_LOG", "error")
    import lance

    return lance


def _open(uri: Path) -> Any:
    return _lance().dataset(str(uri)) if uri.exists() else None


def _keys(table: Any) -> list[bytes]:
    keys: list[bytes] = table.to_table(columns=["key"])["key"].to_pylist()
    return keys


def _take(table: Any, rows: list[int]) -> NDArray[Any]:
    column = table.take(rows, columns=["features"])["features"].combine_chunks()
    values: NDArray[Any] = column.flatten().to_numpy().reshape(len(rows), -1)
    return values


def _table(keys: list[bytes], rows: NDArray[Any]) -> Any:
    import pyarrow as pa

    width = rows.shape[1]
    features = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), width)
    return pa.table(
        {
            "key": pa.array(keys, pa.binary(16)),
            "view": pa.array([PLAIN] * len(keys), pa.dictionary(pa.int8(), pa.string())),
            "features": features,
        }
    )


def count_rows(folder: Path) -> int:
    """Rows in the datasets of one store."""
    tables = [_open(folder / f"{dtype}.lance") for dtype in _DTYPES]
    return sum(int(table.count_rows()) for table in tables if table is not None)
