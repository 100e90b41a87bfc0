"""The labelled domain of a model: its items, their stored features, or what it stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, Item, Modality, match_labels
from topwork.errors import DataError
from topwork.features.opened_backbone import OpenedBackbone, read_once
from topwork.intake.source_files import unchanged_source_files
from topwork.model import Model, TrainingStatistics
from topwork.runtime.run_context import RunContext
from topwork.settings import AdaptSettings

SourceKind = Literal["given", "stored", "model"]
_ENOUGH = 0.9
"""Share of the items whose features must be in the store."""


@dataclass(frozen=True, eq=False, slots=True)
class SourceFeatures:
    """Labelled rows of the source.

    Parameters
    ----------
    features, codes
        ``(n, d)`` and ``(n,)``, by the model's classes.
    where
        Whether they come from items that the user gave, from the store, or from the model.
    data
        The items, where they are at hand.
    keys
        Their content keys.
    """

    features: NDArray[np.float32]
    codes: NDArray[np.int64]
    where: SourceKind
    data: Dataset | None = None
    keys: tuple[bytes, ...] = ()


def find_source_features(
    model: Model,
    opened: OpenedBackbone,
    source: Dataset | None,
    context: RunContext[AdaptSettings],
) -> SourceFeatures:
    """The best that is there: the items that were given, or else what is known of those of the fit.

    Raises
    ------
    DataError
        The items that were given have no labels that the model knows.
    """
    if source is not None:
        return _given(source, model, opened, context)
    past = model.parts.statistics
    return _stored(past, opened, model.kind) or SourceFeatures(
        past.rehearsal.astype(np.float32), past.rehearsal_codes, "model"
    )


def _stored(
    past: TrainingStatistics, opened: OpenedBackbone, kind: Modality
) -> SourceFeatures | None:
    """The items of the fit, if their features are in the store; with files that are unchanged."""
    keys = [key.tobytes() for key in past.keys]
    known = opened.request.store.known()
    there = np.array([key in known for key in keys], bool)
    if len(keys) != len(past.codes) or there.mean() < _ENOUGH:
        return None
    files = unchanged_source_files(keys, kind)
    at_hand = there & np.array([key in files for key in keys], bool)
    with_files = at_hand.mean() >= _ENOUGH
    rows = np.flatnonzero(at_hand if with_files else there)
    chosen = [keys[row] for row in rows]
    items = [Item(str(files[key]), files[key]) for key in chosen] if with_files else []
    return SourceFeatures(
        opened.request.store.read(chosen).astype(np.float32),
        past.codes[rows].astype(np.int64),
        "stored",
        Dataset(items) if with_files else None,
        tuple(chosen),
    )


def _given(
    data: Dataset,
    model: Model,
    opened: OpenedBackbone,
    context: RunContext[AdaptSettings],
) -> SourceFeatures:
    if data.classes is None:
        raise DataError(
            "The items of the source have no labels.",
            remedy=f"Give the {data.kind.name}s that the model was fitted on in class folders or "
            "as a table.",
            code="no_labels",
        )
    extraction = read_once(
        data,
        opened.request,
        max_bad=context.settings.max_bad,
        progress=context.steps("Features of the source"),
    )
    kept = opened.part(data, extraction).data
    assert kept.classes is not None
    own = np.array(match_labels(kept.classes.labels, model.labels), np.int64)
    codes = own[kept.classes.codes]
    if not (codes >= 0).any():
        raise DataError(
            "The model knows none of the labels of the source.",
            remedy=f"Give the {data.kind.name}s that it was fitted on, or leave --source out.",
            code="unknown_labels",
        )
    rows = np.flatnonzero(codes >= 0)
    keys = [extraction.keys[i] for i in rows]
    return SourceFeatures(
        opened.request.store.read(keys).astype(np.float32),
        codes[rows].astype(np.int64),
        "given",
        kept.take(rows),
        tuple(keys),
    )
