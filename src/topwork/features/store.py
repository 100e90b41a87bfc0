"""Features on disk, keyed by what they were computed from; one store a fingerprint."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.data import PLAIN
from topwork.features.activations import Activations, ArrayActivations, LanceActivations
from topwork.features.encoding import TABLES, Encoding, decode, encode
from topwork.features.fingerprint import Fingerprint
from topwork.features.lance_table import (
    Keys,
    Numbers,
    commit,
    key_array,
    keys_of,
    lance_answers,
    open_table,
    row_numbers,
    take,
)
from topwork.runtime import write_whole

FLUSH_SECONDS = 2.0
"""What a kill can lose: rows are committed this often, because a commit costs some 10 ms."""

FLUSH_BYTES = 64 * 2**20
"""Rows are also committed when this many bytes of them wait."""


class FeatureStore(Protocol):
    """Where extraction puts features and everything else takes them from.

    A row is the features of one view of one content.
    """

    def known(self, view: str = PLAIN) -> set[bytes]:
        """The content keys that are here in this view."""
        ...

    def append(
        self, keys: Keys, features: NDArray[np.float32], views: Sequence[str] | None = None
    ) -> None:
        """Add rows ``(b, ...)``; they are safe after ``flush`` at the latest.

        Parameters
        ----------
        views
            The view of each row; plain ones for None.
        """
        ...

    def flush(self) -> None:
        """Make everything that was appended safe."""
        ...

    def take_over(self, copy: FeatureStore) -> None:
        """Have what a copy of this store was given in another process."""
        ...

    def read(self, keys: Keys, view: str = PLAIN) -> NDArray[Any]:
        """The features ``(n, d)`` of these keys in one view, in this order."""
        ...

    def activations(
        self, keys: Keys, *, views: Sequence[str], shape: tuple[int, ...]
    ) -> Activations:
        """The features of these keys in several views, to be read a batch at a time.

        Raises
        ------
        KeyError
            Some view of some item isn't there.
        """
        ...


class MemoryStore:
    """Keeps features for one run only.

    Parameters
    ----------
    encoding
        The number format.
    """

    def __init__(self, encoding: Encoding = "float16") -> None:
        self._encoding = encoding
        self._rows: dict[str, dict[bytes, NDArray[Any]]] = {}

    def known(self, view: str = PLAIN) -> set[bytes]:
        return set(self._rows.get(view, {}))

    def append(
        self, keys: Keys, features: NDArray[np.float32], views: Sequence[str] | None = None
    ) -> None:
        for _, chosen, values in encode(features, self._encoding):
            for i, row in zip(chosen, values, strict=True):
                self._rows.setdefault(views[i] if views else PLAIN, {})[keys[i]] = row

    def flush(self) -> None:
        """Nothing to do: nothing is ever safe here."""

    def take_over(self, copy: FeatureStore) -> None:
        assert isinstance(copy, MemoryStore)
        for view, rows in copy._rows.items():
            self._rows.setdefault(view, {}).update(rows)

    def read(self, keys: Keys, view: str = PLAIN) -> NDArray[Any]:
        rows = self._rows.get(view, {})
        return decode(np.stack([rows[k] for k in keys]))

    def activations(
        self, keys: Keys, *, views: Sequence[str], shape: tuple[int, ...]
    ) -> Activations:
        rows = [[self._rows.get(view, {})[key] for view in views] for key in keys]
        return ArrayActivations(np.array(rows).reshape(len(keys), len(views), *shape))


class LanceStore:
    """Keeps features in a folder: transactional, for any number of processes.

    Parameters
    ----------
    root
        The folder of all stores.
    fingerprint
        What the features depend on.
    encoding
        The number format.
    """

    def __init__(
        self, root: Path, fingerprint: Fingerprint, encoding: Encoding = "float16"
    ) -> None:
        self.folder = root / fingerprint.digest
        self.folder.mkdir(parents=True, exist_ok=True)
        note = self.folder / "fingerprint.json"
        if not note.exists() or not note.stat().st_size:
            write_whole(note, json.dumps(fingerprint.as_dict(), indent=1))
        self._encoding = encoding
        self._pending: dict[str, list[tuple[list[bytes], list[str], NDArray[Any]]]] = {}
        self._waiting = 0
        self._flushed = time.monotonic()

    def known(self, view: str = PLAIN) -> set[bytes]:
        return {
            key.ljust(16, b"\0")  # arrays of bytes drop zeros at the end
            for uri in self._uris()
            if (table := open_table(uri)) is not None
            for key in keys_of(table, view).tolist()
        }

    def append(
        self, keys: Keys, features: NDArray[np.float32], views: Sequence[str] | None = None
    ) -> None:
        for name, chosen, values in encode(features, self._encoding):
            seen = [views[i] if views else PLAIN for i in chosen]
            rows = ([keys[i] for i in chosen], seen, values)
            self._pending.setdefault(name, []).append(rows)
            self._waiting += values.nbytes
        if time.monotonic() - self._flushed > FLUSH_SECONDS or self._waiting > FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        for name in list(self._pending):
            parts = self._pending.pop(name)
            keys = [key for part, _, _ in parts for key in part]
            views = [view for _, part, _ in parts for view in part]
            commit(self._uri(name), keys, views, np.concatenate([rows for _, _, rows in parts]))
        self._waiting, self._flushed = 0, time.monotonic()

    def take_over(self, copy: FeatureStore) -> None:
        """Nothing to do: it wrote into the same folder."""

    def read(self, keys: Keys, view: str = PLAIN) -> NDArray[Any]:
        self.flush()
        request = key_array(keys)
        missing = np.ones(len(keys), dtype=bool)
        found: list[tuple[Numbers, NDArray[Any]]] = []
        for uri in self._uris():
            table = open_table(uri)
            if table is None:
                continue
            rows = row_numbers(table, request, view)
            here = np.flatnonzero((rows >= 0) & missing)
            if len(here):
                found.append((here, decode(take(table, rows[here]))))
                missing[here] = False
        if missing.any():
            raise KeyError(f"{int(missing.sum())} items are not in the store")
        if len(found) == 1:
            return found[0][1]
        out = np.empty((len(keys), found[0][1].shape[1]), np.result_type(*(v for _, v in found)))
        for here, values in found:
            out[here] = values
        return out

    def activations(
        self, keys: Keys, *, views: Sequence[str], shape: tuple[int, ...]
    ) -> Activations:
        self.flush()
        tables = TABLES[self._encoding]
        assert len(tables) == 1, "activations are kept in bfloat16, in one table"
        return LanceActivations(self._uri(tables[0]), keys, views=views, shape=shape)

    def _uri(self, name: str) -> Path:
        return self.folder / f"{name}.lance"

    def _uris(self) -> list[Path]:
        return [self._uri(name) for name in TABLES[self._encoding]]


def open_store(
    cache: Path | None, fingerprint: Fingerprint, encoding: Encoding = "float16"
) -> FeatureStore:
    """The store in a cache folder; one in memory without a cache.

    One in memory, too, where this process was forked from one that used stores on disk: their
    threads are not here.
    """
    if cache is None or not lance_answers():
        return MemoryStore(encoding)
    return LanceStore(cache / "features", fingerprint, encoding)


def count_rows(folder: Path) -> int:
    """Rows in the datasets of one store."""
    tables = [open_table(uri) for uri in folder.glob("*.lance")]
    return sum(int(table.count_rows()) for table in tables if table is not None)
