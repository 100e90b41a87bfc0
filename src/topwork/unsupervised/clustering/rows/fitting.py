"""From the rows of a table to groups of them, and a model that assigns others."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.data.columns import LeftOut, RowTable, read_columns
from topwork.errors import DataError
from topwork.features.columns import ColumnEncoding, learn_encoding
from topwork.heads.clustering import PLANE, choose_n_clusters, stability
from topwork.heads.clustering.rows import (
    SharedAxes,
    column_alone,
    row_kmeans,
    row_membership,
    row_structure_test,
    shared_axes,
)
from topwork.model import RowClusterModel, check_target
from topwork.runtime.progress import Progress, Steps, no_steps
from topwork.settings import ClusterSettings
from topwork.unsupervised.clustering.grouping import (
    MIN_ITEMS,
    check_enough,
    chosen_number,
    most_clusters,
)
from topwork.unsupervised.clustering.result import ClusterResult
from topwork.unsupervised.clustering.rows.assembly import assemble_rows
from topwork.unsupervised.clustering.rows.evidence import RowEvidence, members_of
from topwork.unsupervised.clustering.rows.naming import differences, names_of
from topwork.unsupervised.clustering.rows.reading import MIN_COLUMNS, no_column
from topwork.unsupervised.clustering.rows.record import record_rows
from topwork.unsupervised.clustering.saving import saved, title_of

_STEPS = 5

Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ClusteredRows:
    """A clustering of rows as a model, what is known of it, and what that is known from."""

    model: RowClusterModel
    result: ClusterResult
    evidence: RowEvidence


def cluster_rows(
    table: RowTable,
    settings: ClusterSettings | None = None,
    *,
    without: Sequence[str] = (),
    steps: Steps = no_steps,
    save_to: Path | None = None,
) -> ClusteredRows:
    """Find groups of the rows of a table, and whether there are any.

    The order of the rows and the number of cores change nothing.

    Parameters
    ----------
    without
        Columns that are not looked at.
    steps
        Where progress goes.
    save_to
        Where the model is written; another one that is there already is renamed.

    Raises
    ------
    DataError
        Too few rows differ, or too few columns say anything of them.
    ParameterError
        A setting can't be used.
    BundleError
        ``save_to`` holds something that isn't a model.
    """
    settings, begun = settings or ClusterSettings(), time.monotonic()
    if save_to is not None:
        check_target(save_to)
    evidence = _evidence(table, settings, without, steps("Groups"))
    result = record_rows(evidence, time.monotonic() - begun)
    model = assemble_rows(evidence, result, title_of(save_to, table.source))
    return ClusteredRows(model, saved(model, result, save_to, begun), evidence)


def encode(
    table: RowTable, without: Sequence[str] = (), categorical: Sequence[str] = ()
) -> tuple[ColumnEncoding, list[str]]:
    """The encoding of the columns that rows can be grouped by, and how some were read.

    Raises
    ------
    DataError
        There are fewer than two, or very many.
    ParameterError
        One that is to be read as categories is not there.
    """
    for name in categorical:
        if name not in table.columns:
            raise no_column(name, table)
    kept = {n: cells for n, cells in table.columns.items() if n and n not in without}
    cells, hints = read_columns(kept, categorical)
    cells += [LeftOut(name, "it has no name") for name in table.columns if not name]
    cells += [LeftOut(name, "compared with the clusters") for name in without]
    encoding = learn_encoding(cells)
    if len(encoding.columns) < MIN_COLUMNS:
        told = "; ".join(f"{one.name}: {one.reason}" for one in encoding.left_out[:10])
        raise DataError(
            f"{table.source} has {len(encoding.columns)} columns that its rows can be grouped by, "
            f"and {MIN_COLUMNS} are needed{f' ({told})' if told else ''}.",
            remedy="Give a table with more columns of numbers, dates or categories.",
            code="too_few_columns",
        )
    return encoding, hints


def on_shared_axes(
    encoding: ColumnEncoding, table: RowTable, seed: int
) -> tuple[ColumnEncoding, Rows, SharedAxes]:
    """The encoding without columns that divide rows by what they say alone, the rows, the axes."""
    while True:
        X, blocks = encoding.transform(table.columns), encoding.blocks()
        axes = shared_axes(X, blocks, seed=seed)
        categories = [j for j, one in enumerate(encoding.columns) if one.kind == "category"]
        alone = column_alone(X, blocks, axes, np.array(categories, np.int64))
        if alone is None or len(encoding.columns) <= MIN_COLUMNS:
            return encoding, X, axes
        encoding = encoding.without(alone, "it would divide rows alone: others say little of it")


def _evidence(
    table: RowTable, settings: ClusterSettings, without: Sequence[str], progress: Progress
) -> RowEvidence:
    if len(table) < MIN_ITEMS:
        check_enough(len(table), None)
    encoding, hints = encode(table, without, settings.categorical)
    seed = settings.seed
    progress(0, _STEPS)
    encoding, X, axes = on_shared_axes(encoding, table, seed)
    blocks, n_distinct = encoding.blocks(), len(np.unique(X, axis=0))
    check_enough(n_distinct, settings.n_clusters)
    progress(1, _STEPS)
    structure = row_structure_test(X, blocks, axes.n_shared, seed=seed)
    progress(2, _STEPS)
    rows, most = axes.transform(X), most_clusters(n_distinct)
    count = None
    if not settings.n_clusters:
        count = choose_n_clusters(rows, range(2, most + 1), geometry=PLANE, seed=seed)
    k = settings.n_clusters or chosen_number(count, few=not structure.found)
    progress(3, _STEPS)
    found = row_kmeans(rows, k, seed=seed)
    k = len(found.centres)
    progress(4, _STEPS)
    stabilities = stability(rows, k, codes=found.codes, geometry=PLANE, seed=seed)
    membership = row_membership(rows, found.centres, found.codes)
    told = differences(table, encoding, found.codes, k)
    nearest = [table.names[own[0]] for own in members_of(found.codes, membership, k)]
    progress(_STEPS, _STEPS)
    return RowEvidence(
        table=table,
        settings=settings,
        encoding=encoding,
        hints=hints,
        axes=axes,
        rows=rows,
        centres=found.centres,
        codes=found.codes,
        structure=structure,
        count=count,
        k_range=(2, most),
        stabilities=stabilities,
        membership=membership,
        differences=told,
        names=names_of(told, nearest),
        n_distinct=n_distinct,
    )
