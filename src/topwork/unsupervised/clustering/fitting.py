"""From items without labels to groups of them, and a model that assigns others."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import DEFAULT_FOR
from topwork.data import Dataset, surveyed
from topwork.errors import DataError
from topwork.features.opened_backbone import (
    FrozenPart,
    check_takes,
    open_backbone,
    read_once,
)
from topwork.intake.source_files import note_source_files
from topwork.model import ClusterModel, check_target
from topwork.quality import Similarity, find_duplicates
from topwork.quality.item_fingerprints import fingerprints_of
from topwork.runtime.cluster.chosen import where_settings_say
from topwork.runtime.counted import counted
from topwork.runtime.progress import Steps, no_steps
from topwork.runtime.run_context import RunContext
from topwork.settings import ClusterSettings
from topwork.unsupervised.clustering.assembly import assemble_clusters
from topwork.unsupervised.clustering.evidence import ClusterEvidence, members_of
from topwork.unsupervised.clustering.grouping import MIN_ITEMS, group
from topwork.unsupervised.clustering.modality import CLUSTERED
from topwork.unsupervised.clustering.record import record
from topwork.unsupervised.clustering.result import ClusterResult
from topwork.unsupervised.clustering.rows.reading import rows_only
from topwork.unsupervised.clustering.saving import saved, title_of


@dataclass(frozen=True, slots=True)
class Clustered:
    """A clustering as a model, what is known of it, and what that is known from."""

    model: ClusterModel
    result: ClusterResult
    evidence: ClusterEvidence


@where_settings_say
def cluster(
    data: Dataset,
    settings: ClusterSettings | None = None,
    *,
    steps: Steps = no_steps,
    save_to: Path | None = None,
) -> Clustered:
    """Find groups of items, and whether there are any; labels are never looked at.

    Items of equal content count once. The order of the items and the number of cores change
    nothing.

    Parameters
    ----------
    data
        The items.
    steps
        Where progress goes.
    save_to
        Where the model is written; another one that is there already is renamed.

    Raises
    ------
    DataError
        Too few items differ, or too many can't be read.
    ParameterError
        A setting can't be used.
    BundleError
        ``save_to`` holds something that isn't a model.
    """
    settings, begun = settings or ClusterSettings(), time.monotonic()
    rows_only(settings.categorical)
    if save_to is not None:
        check_target(save_to)
    context = RunContext(settings, steps)
    frozen, similarity = _read(surveyed(data.without_targets(), settings.window), context)
    evidence = _evidence(frozen, similarity, context)
    result = record(evidence, time.monotonic() - begun)
    model = assemble_clusters(evidence, result, title_of(save_to, data.source))
    if settings.cache:
        note_source_files(evidence.frozen.extraction.keys, evidence.frozen.data.items)
    return Clustered(model, saved(model, result, save_to, begun), evidence)


def _read(data: Dataset, context: RunContext[ClusterSettings]) -> tuple[FrozenPart, Similarity]:
    """The items once, in the precision in which a saved model computes."""
    kind, settings = data.kind.name, context.settings
    opened = open_backbone(settings.backbone or DEFAULT_FOR[kind], settings, precision="float32")
    check_takes(opened.backbone, data)
    sketches = fingerprints_of(kind, keep=settings.cache)
    extraction = read_once(
        data,
        opened.request,
        extra_requests=[sketches.request],
        max_bad=settings.max_bad,
        progress=context.steps("Features"),
    )
    frozen = opened.part(data, extraction)
    return frozen, sketches.similarity(extraction.keys, frozen.data)


def _evidence(
    frozen: FrozenPart, similarity: Similarity, context: RunContext[ClusterSettings]
) -> ClusterEvidence:
    keys, kind, settings = frozen.extraction.keys, frozen.data.kind.name, context.settings
    firsts, contents = distinct(keys)
    _check_distinct(len(keys), len(firsts), kind)
    of = CLUSTERED[kind]
    grouping = group(
        np.asarray(frozen.features[firsts], np.float32),
        n_clusters=settings.n_clusters,
        ways=of.ways,
        seed=settings.seed,
        progress=context.steps("Groups"),
    )
    members = [firsts[rows] for rows in members_of(grouping)]
    return ClusterEvidence(
        frozen=frozen,
        settings=settings,
        grouping=grouping,
        firsts=firsts,
        contents=contents,
        names=of.names(frozen.data, members),
        duplicates=find_duplicates(keys, similarity, frozen.features),
    )


def distinct(keys: list[bytes]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Positions of the first item of each content, by key, and which of these each item is.

    Examples
    --------
    >>> [part.tolist() for part in distinct([b"b", b"a", b"b"])]
    [[1, 0], [1, 0, 1]]
    """
    _, firsts, contents = np.unique(np.array(keys, object), return_index=True, return_inverse=True)
    return firsts, contents


def _check_distinct(n: int, n_distinct: int, kind: str) -> None:
    if n_distinct >= MIN_ITEMS:
        return
    if n_distinct == 1 and n > 1:
        said = f"All {n} {kind}s have the same content."
    elif n_distinct < n:
        said = f"Only {n_distinct} of the {n} {kind}s differ in content."
    else:
        said = f"{counted(n, kind)} can be read."
    raise DataError(
        said,
        remedy=f"Give at least {MIN_ITEMS} different ones; with fewer nothing can be said about "
        "groups.",
        code="too_few_items",
    )
