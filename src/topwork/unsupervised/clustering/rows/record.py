"""The evidence of a clustering of rows as its result."""

from __future__ import annotations

import numpy as np

from topwork.features.rejected import RejectedRecord
from topwork.heads.clustering.rows import distances
from topwork.metrics.records import Score
from topwork.unsupervised.clustering.result import (
    BorderlineItem,
    ClusterRecord,
    ClusterResult,
    ColumnsRecord,
    LeftOutRecord,
    Structure,
    TriedNumber,
)
from topwork.unsupervised.clustering.rows.evidence import RowEvidence
from topwork.unsupervised.clustering.sentences import (
    columns_sentence,
    number_sentence,
    row_structure_sentence,
)

METHOD = "k-means"
BACKBONE = "columns"
_LISTED = 100
_TYPICAL = 8

MAX_FEW = 12
"""Different whole numbers of a column that may as well stand for categories."""


def record_rows(found: RowEvidence, seconds: float) -> ClusterResult:
    """What was found, as plain data."""
    table, structure, count = found.table, found.structure, found.count
    outliers = np.flatnonzero(found.outliers)
    between = np.flatnonzero(found.membership.borderline)
    k = len(found.centres)
    columns = ColumnsRecord(
        used=found.encoding.names,
        numbers=_of_kind(found, "number"),
        dates=_of_kind(found, "date"),
        categories=_of_kind(found, "category"),
        left_out=[LeftOutRecord(name=o.name, reason=o.reason) for o in found.encoding.left_out],
        n_axes=found.axes.n_shared,
    )
    return ClusterResult(
        modality=found.kind.name,
        backbone=BACKBONE,
        method=METHOD,
        n_items=len(table),
        n_distinct=found.n_distinct,
        rejected=RejectedRecord.of(table.rejected.values()),
        structure=Structure(found=structure.found, p=structure.p, strength=structure.strength),
        k=k,
        k_range=found.k_range,
        stands_out=None if count is None else count.stands_out,
        tried=[TriedNumber(k=n, excess=s) for n, s in sorted(count.scores.items())]
        if count
        else [],
        clusters=_clusters(found),
        n_borderline=len(between),
        borderline=_borderline(found, between)[:_LISTED],
        n_outliers=len(outliers),
        outliers=[table.names[i] for i in outliers[:_LISTED]],
        n_copies=len(table) - found.n_distinct,
        copies=[],
        columns=columns,
        sentences=[
            row_structure_sentence(structure, found.axes.n_shared),
            number_sentence(
                k,
                count,
                found.k_range,
                asked=found.settings.n_clusters,
                shown=structure.found,
            ),
            columns_sentence(columns, _few_numbers(found)),
        ],
        seconds=seconds,
        notes=[*table.hints, *found.hints],
    )


def _of_kind(found: RowEvidence, kind: str) -> list[str]:
    return [one.name for one in found.encoding.columns if one.kind == kind]


def _few_numbers(found: RowEvidence) -> list[str]:
    """Columns of few whole numbers, which may stand for categories."""
    return [
        one.name
        for one in found.encoding.columns
        if one.kind == "number" and one.whole and len(set(found.table.columns[one.name])) <= MAX_FEW
    ]


def _clusters(found: RowEvidence) -> list[ClusterRecord]:
    parts = zip(found.names, found.stabilities, found.members(), found.differences, strict=True)
    return [
        ClusterRecord(
            id=code,
            name=name,
            size=len(members),
            stability=Score(value=stable.value, low=stable.low, high=stable.high),
            exemplars=[found.table.names[i] for i in members[:_TYPICAL]],
            n_outliers=int(found.outliers[members].sum()),
            differences=own,
        )
        for code, (name, stable, members, own) in enumerate(parts)
    ]


def _borderline(found: RowEvidence, rows: np.ndarray) -> list[BorderlineItem]:
    """The closest to both centres first."""
    away = -distances(found.rows[rows], found.centres)
    own, second = found.codes[rows], found.membership.second[rows]
    each = np.arange(len(rows))
    near, next_near = away[each, own], away[each, second]
    order = np.argsort(near - next_near, kind="stable")
    return [
        BorderlineItem(
            path=found.table.names[rows[i]],
            cluster=int(own[i]),
            second=int(second[i]),
            nearness=float(near[i]),
            second_nearness=float(next_near[i]),
        )
        for i in order
    ]
