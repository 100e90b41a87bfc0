"""Finding the items nearest to one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.towers.text_tower import EXAMPLE
from topwork.data import Item, looks_like_a_file, read_items
from topwork.errors import DataError, ParameterError
from topwork.features import FeatureRequest, MemoryStore, extract
from topwork.intake.collection import Collection, collect
from topwork.model import Model
from topwork.runtime import cache_folder
from topwork.runtime.progress import Progress, silent
from topwork.settings import FeatureSettings
from topwork.settings.choices import EngineName, Geometry
from topwork.unsupervised.retrieval.copies import Copies
from topwork.unsupervised.retrieval.exact_neighbours import ExactNeighbours
from topwork.unsupervised.retrieval.indexed_neighbours import IndexedNeighbours
from topwork.unsupervised.retrieval.neighbours import FindsNeighbours
from topwork.unsupervised.retrieval.result import Hit, SearchResult
from topwork.unsupervised.retrieval.two_towers import TwoTowers

EXACT_UP_TO: Final = 1_000_000
"""Items; the nearest of more are found by an index."""

_SHORTLIST: Final = 4
"""So many times as many items as wanted are looked at, because some are copies."""


class SearchIndex:
    """A collection of images or texts, searched by one of them.

    Items are compared by the cosine of their features. Copies, changed ones among them, count as
    one result.

    Parameters
    ----------
    collection
        The items with their features; see `open`.
    towers
        The network that gave them, if it takes texts, too.

    Examples
    --------
    >>> import topwork as tw
    >>> rng = np.random.default_rng(0)
    >>> dots = [rng.integers(0, 256, (32, 32), dtype=np.uint8) for _ in range(3)]
    >>> plain = [np.full((32, 32), level, np.uint8) for level in (40, 200)]
    >>> index = tw.SearchIndex.open([*dots, *plain], cache=False)
    >>> sorted(hit.path for hit in index.search(dots[1], top=2).results)
    ['item 0', 'item 2']
    """

    def __init__(self, collection: Collection, *, towers: TwoTowers | None = None) -> None:
        self.collection = collection
        self._towers = towers
        self._neighbours = neighbours_of(collection.features)
        self._copies = Copies(collection)
        self._known = set(collection.keys)

    @classmethod
    def open(
        cls,
        source: object,
        *,
        backbone: str | None = None,
        model: Model | str | os.PathLike[str] | None = None,
        towers: str | os.PathLike[str] | None = None,
        kind: str = "auto",
        columns: Mapping[str, str] | None = None,
        header: Sequence[str] | None = None,
        root: str | os.PathLike[str] | None = None,
        lines: bool = False,
        geometry: Geometry = "squeeze",
        engine: EngineName = "auto",
        cache: bool = True,
        max_bad: float = 0.05,
        progress: Progress = silent,
    ) -> SearchIndex:
        """Compute the features of items, or take them from the store.

        Parameters
        ----------
        source
            A folder, a table, or a list of items; or a saved model, for the items of its fit.
        backbone
            The network; the usual one for the items where it is not given.
        model
            A saved model whose own network is used in place of ``backbone``.
        towers
            A network of the CLIP or SigLIP kind, by its name on the Hugging Face hub or its folder:
            with it images are found by a text, too.
        kind, columns, header, root, lines
            How data are read; see `topwork.read`.
        geometry, engine, cache, max_bad
            As for `topwork.ImageClassifier`.

        Raises
        ------
        DataError
            There are no items, too many can't be read, or those of a model are no longer at hand.
        """
        settings = FeatureSettings(geometry=geometry, engine=engine, cache=cache, max_bad=max_bad)
        both = (
            None
            if towers is None
            else TwoTowers(Path(towers) if Path(towers).is_dir() else str(towers))
        )
        return cls(
            collect(
                source,
                settings,
                backbone=backbone if both is None else both.name,
                request=(
                    None
                    if both is None
                    else both.request(cache_folder() if settings.cache else None, geometry)
                ),
                model=Path(model) if isinstance(model, str | os.PathLike) else model,
                kind=kind,
                columns=columns,
                header=header,
                root=root,
                lines=lines,
                progress=progress,
            ),
            towers=both,
        )

    def __len__(self) -> int:
        return len(self.collection)

    def search(
        self, query: object, *, top: int = 10, include_query: bool = False, collapse: bool = True
    ) -> SearchResult:
        """The items nearest to a query.

        Parameters
        ----------
        query
            An image: its path, a PIL image or an array. Of texts, a text, or a file that is there.
        top
            How many results.
        include_query
            Whether items with the content of the query are results, too.
        collapse
            Whether copies count as one result.

        Raises
        ------
        ParameterError
            ``top`` is less than 1, or the query is of another modality.
        DataError
            The query can't be read.
        """
        if top < 1:
            raise ParameterError(f"top cannot be {top}.", remedy="Give a number from 1.")
        if self._towers is not None and _is_text(query):
            item, key, row = Item(str(query)), b"", self._towers.text(str(query))
        else:
            item = self._item(query)
            key, row = self._features(item)
        own = {key} if not include_query else set()
        hits = self._hits(row, top, own, collapse=collapse)
        one = self.collection
        return SearchResult(
            modality=one.data.kind.name,
            query=one.data.kind.caption(item),
            backbone=one.network,
            n_items=len(one),
            exact=self._neighbours.exact,
            query_in_data=key in self._known,
            results=hits,
            rejected=list(one.rejected),
            skipped=dict(one.data.ignored),
            notes=list(one.data.hints),
        )

    def _hits(
        self, row: NDArray[np.float32], top: int, own: set[bytes], *, collapse: bool
    ) -> list[Hit]:
        wanted, n = top * _SHORTLIST if collapse else top, len(self)
        while True:
            found = self._neighbours.nearest(row, min(n, wanted + len(own)))
            kept = [
                (int(i), float(s))
                for i, s in zip(found.positions, found.similarities, strict=True)
                if self.collection.keys[i] not in own
            ]
            alone: dict[int, list[int]] = {position: [] for position, _ in kept}
            groups = (
                self._copies.among(np.array([i for i, _ in kept], np.int64))
                if collapse and kept
                else alone
            )
            chosen = [(i, s) for i, s in kept if i in groups][:top]
            if len(chosen) == top or len(found) == n:
                return [self._hit(i, s, groups[i], own) for i, s in chosen]
            wanted *= _SHORTLIST

    def _hit(self, position: int, similarity: float, copies: list[int], own: set[bytes]) -> Hit:
        one = self.collection
        item, kind = one.data.items[position], one.data.kind
        return Hit(
            path=item.name,
            similarity=round(similarity, 4),
            text=kind.caption(item) if kind.inline else None,
            copies=[one.data.items[i].name for i in copies if one.keys[i] not in own],
        )

    def _item(self, query: object) -> Item:
        kind = self.collection.data.kind
        named = isinstance(query, str | os.PathLike)
        if named and _is_file(query):
            items = read_items([Path(str(query))], kind=kind.name)
        elif isinstance(query, str) and not kind.inline and not looks_like_a_file(query):
            raise ParameterError(
                f"The query {query!r} is a text, and {self.collection.network} "
                f"compares {kind.name}s only.",
                remedy=f"Give the path of an {kind.name}, or name a network that also takes texts "
                f"with --towers (towers), such as {EXAMPLE}.",
                code="text_query",
            )
        else:
            items = read_items([query], kind=kind.name)
        if len(items) != 1:
            raise ParameterError(
                f"The query {query} holds {len(items)} {kind.name}s.",
                remedy=f"Give one {kind.name}.",
            )
        return items[0]

    def _features(self, item: Item) -> tuple[bytes, NDArray[np.float32]]:
        """The content key of a query and its features (d,)."""
        usual, kind = self.collection.request, self.collection.data.kind
        request = FeatureRequest(usual.framing, usual.engine, MemoryStore("float32"))
        extraction = extract([item], request, kind=kind)
        if extraction.rejected:
            bad = extraction.rejected[0]
            raise DataError(
                f"The query {bad.path} cannot be read ({bad.why}).",
                remedy=kind.words.accepted,
                code="unreadable_query",
            )
        return extraction.keys[0], request.store.read(extraction.keys)[0].astype(np.float32)


def neighbours_of(rows: NDArray[Any], *, exact_up_to: int = EXACT_UP_TO) -> FindsNeighbours:
    """What finds the nearest of rows (n, d): an index where there are too many to compare all."""
    return ExactNeighbours(rows) if len(rows) <= exact_up_to else IndexedNeighbours(rows)


def _is_text(query: object) -> bool:
    return isinstance(query, str) and not _is_file(query) and not looks_like_a_file(query)


def _is_file(query: Any) -> bool:
    try:
        return bool(str(query)) and Path(query).is_file()
    except (OSError, ValueError):  # a text, too long for a name
        return False
