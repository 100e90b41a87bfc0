"""A collection as a page with a map."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from topwork.data import BoxTargets, ClassTargets, LabelTargets, NumberTargets
from topwork.errors import BadItem
from topwork.heads import stratified_folds
from topwork.intake.collection import Collection
from topwork.report.images import thumbnail_data_uri
from topwork.runtime.progress import Progress, silent
from topwork.unsupervised.maps.colouring import Amounts, Colouring, categories_of
from topwork.unsupervised.maps.layout import map_layout
from topwork.unsupervised.maps.map_page import MapPoints, render_map
from topwork.unsupervised.maps.result import MapResult
from topwork.validation import cross_validate_head

if TYPE_CHECKING:
    from collections.abc import Sequence

THUMBNAIL_BYTES = 6_000_000
"""That the images of a page may take together."""

SIDE = 72
"""Pixels of the longer side of an image on the page."""


def map_items(
    collection: Collection,
    out: Path,
    *,
    title: str,
    seed: int = 0,
    more: Sequence[Colouring] = (),
    progress: Progress = silent,
) -> MapResult:
    """Draw a map of a collection and write its page.

    Parameters
    ----------
    title
        Of the page.
    more
        What points are coloured by, besides labels and domains that the data come with.

    Raises
    ------
    BackboneError
        openTSNE is not installed.
    """
    colourings = [*more, *_colourings(collection, seed)]
    plane = map_layout(collection.features, seed=seed)
    kind = collection.data.kind
    items = collection.data.items
    shown = [kind.caption(item) if kind.inline else item.name for item in items]
    images = {} if kind.inline else _thumbnails(collection, seed, progress)
    points = MapPoints(
        plane,
        names=[item.name for item in items],
        texts=shown if kind.inline else None,
        images=images,
        colourings=colourings,
    )
    out.write_text(render_map(points, title=title, kind=kind.name), "utf-8", errors="replace")
    return MapResult(
        modality=kind.name,
        path=str(out),
        backbone=collection.network,
        n_items=len(collection),
        n_thumbnails=len(images),
        coloured_by=[one.name for one in colourings],
        rejected=list(collection.rejected),
        skipped=dict(collection.data.ignored),
        notes=list(collection.data.hints),
    )


def _colourings(collection: Collection, seed: int) -> list[Colouring]:
    data = collection.data
    found: list[Colouring] = [categories_of(*one) for one in collection.told.items()]
    targets = data.targets
    if isinstance(targets, ClassTargets):
        found.append(categories_of("label", targets.values()))
        found += _doubt(collection, targets, seed)
    elif isinstance(targets, LabelTargets):
        found.append(categories_of("labels", [text or "none" for text in targets.texts()]))
    elif isinstance(targets, NumberTargets):
        found.append(Amounts("number", targets.numbers))
    elif isinstance(targets, BoxTargets):
        found.append(categories_of("boxes", [len(one) for one in targets.images]))
    if data.domains is not None:
        found.append(categories_of("domain", data.domains.tolist()))
    return found


def _doubt(collection: Collection, targets: ClassTargets, seed: int) -> list[Colouring]:
    """One minus the out-of-fold probability of each item's own label."""
    counts = targets.counts()
    if len(counts) < 2 or counts.min() < 2:
        return []
    _, groups = np.unique(
        np.frombuffer(b"".join(collection.keys), "S16"), return_inverse=True
    )  # equal files stay together
    folds = stratified_folds(targets.codes, n_folds=5, groups=groups, seed=seed)
    head = cross_validate_head(collection.features, targets.codes, len(counts), folds=folds)
    own = head.probabilities_oof[np.arange(len(targets)), targets.codes]
    return [Amounts("doubt", np.where(head.seen, 1 - own, 0.0))]


def _thumbnails(collection: Collection, seed: int, progress: Progress) -> dict[int, str]:
    """Data URIs by position, of as many items as there is room for, drawn at random."""
    order = np.random.default_rng(seed).permutation(len(collection))
    kind, room = collection.data.kind, THUMBNAIL_BYTES if collection.data.shows_images else 0
    found: dict[int, str] = {}
    for done, position in enumerate(order.tolist()):
        try:
            shown = kind.show(kind.read(collection.data.items[position]))
        except BadItem:  # the file went away since
            continue
        if isinstance(shown, str):
            continue
        uri = thumbnail_data_uri(shown, SIDE)
        if len(uri) > room:
            break
        room -= len(uri)
        found[position] = uri
        progress(done + 1, len(order))
    progress(len(order), len(order))
    return found
