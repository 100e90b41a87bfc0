"""The frozen part of a fit: readable items and their features."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from topwork.backbones import POOLED, Backbone, resolve
from topwork.backbones.engines import Engine, Graph, open_engine
from topwork.data import Dataset, Framing
from topwork.errors import DataError
from topwork.features import (
    Extraction,
    FeatureStore,
    LanceStore,
    MemoryStore,
    Progress,
    cache_folder,
    extract,
    fingerprint,
)
from topwork.inductive.settings import FitSettings
from topwork.model import framing_for


@dataclass(frozen=True, slots=True)
class FrozenPart:
    """What the frozen part gave.

    Parameters
    ----------
    data
        The n items that could be read.
    features
        ``(n, d)``.
    extraction
        How the pass over all items went.
    """

    data: Dataset
    features: NDArray[Any]
    extraction: Extraction
    backbone: Backbone
    cut: str
    framing: Framing
    graph: Graph
    engine: Engine


def frozen_part(data: Dataset, settings: FitSettings, progress: Progress) -> FrozenPart:
    """Read all items once and bring their features together.

    Raises
    ------
    DataError
        More items than allowed can't be read.
    """
    backbone = resolve(settings.backbone)
    cache = cache_folder() if settings.cache else None
    engine, graph = open_engine(
        backbone,
        cut=POOLED,
        name=settings.engine,
        graphs=cache / "graphs" if cache else None,
    )
    framing = framing_for(backbone, settings.geometry)
    store = _store(cache, backbone, engine, framing)
    extraction = extract(
        data.items, kind=data.kind, framing=framing, engine=engine, store=store, progress=progress
    )
    _check_rejected(extraction, len(data), settings.max_bad)
    return FrozenPart(
        data=data.take(extraction.kept).without_empty_classes(),
        features=store.read(extraction.keys),
        extraction=extraction,
        backbone=backbone,
        cut=POOLED,
        framing=framing,
        graph=graph,
        engine=engine,
    )


def _store(
    cache: Path | None, backbone: Backbone, engine: Engine, framing: Framing
) -> FeatureStore:
    if cache is None:
        return MemoryStore()
    key = fingerprint(
        backbone, cut=POOLED, framing=framing, engine=engine.name, precision=engine.precision
    )
    return LanceStore(cache / "features", key)


def _check_rejected(extraction: Extraction, n: int, max_bad: float) -> None:
    bad = extraction.rejected
    if bad and (len(bad) > max_bad * n or not extraction.kept):
        first = "; ".join(f"{r.path} ({r.reason})" for r in bad[:5])
        raise DataError(
            f"{len(bad)} of {n} items cannot be read, more than the {max_bad:.0%} that is "
            f"allowed: {first}{'; ...' if len(bad) > 5 else ''}.",
            remedy="Remove or repair them, or allow more with --max-bad (a fraction).",
            code="too_many_bad",
        )
