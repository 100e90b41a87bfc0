"""The evidence of a clustering as its result."""

from __future__ import annotations

import numpy as np

from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import remark_records
from topwork.metrics.records import Score
from topwork.unsupervised.clustering.evidence import ClusterEvidence
from topwork.unsupervised.clustering.result import (
    BorderlineItem,
    ClusterRecord,
    ClusterResult,
    Structure,
    TriedNumber,
)
from topwork.unsupervised.clustering.sentences import number_sentence, structure_sentence

_LISTED = 100


def record(found: ClusterEvidence, seconds: float) -> ClusterResult:
    """What was found, as plain data."""
    frozen, grouping = found.frozen, found.grouping
    kind, items = frozen.data.kind, frozen.data.items
    structure, count = grouping.structure, grouping.count
    outliers = np.flatnonzero(found.outliers)
    between = found.borderline()
    copies = found.duplicates.members()
    codes = found.codes
    k = len(grouping.centres)
    return ClusterResult(
        modality=kind.name,
        backbone=frozen.opened.backbone.name,
        method=grouping.method,
        n_items=len(items),
        n_distinct=len(found.firsts),
        rejected=RejectedRecord.of(frozen.extraction.rejected),
        cut_short=frozen.extraction.cut_short,
        remarks=list(remark_records(frozen.extraction.remarks, kind.appearance)),
        structure=Structure(found=structure.found, p=structure.p, strength=structure.strength),
        k=k,
        k_range=grouping.k_range,
        stands_out=None if count is None else count.stands_out,
        tried=[TriedNumber(k=n, excess=s) for n, s in sorted(count.scores.items())]
        if count
        else [],
        clusters=_clusters(found),
        n_borderline=len(between),
        borderline=[
            BorderlineItem(
                path=items[i].name,
                cluster=int(codes[i]),
                second=second,
                nearness=own,
                second_nearness=other,
            )
            for i, second, own, other in between[:_LISTED]
        ],
        n_outliers=len(outliers),
        outliers=[items[i].name for i in outliers[:_LISTED]],
        n_copies=sum(len(group) - 1 for group in copies),
        copies=[[items[i].name for i in group] for group in copies[:_LISTED]],
        sentences=[
            structure_sentence(structure, f"{kind.name}s"),
            number_sentence(
                k,
                count,
                grouping.k_range,
                asked=found.settings.n_clusters,
                shown=structure.found,
            ),
        ],
        seconds=seconds,
    )


def _clusters(found: ClusterEvidence) -> list[ClusterRecord]:
    items, outliers = found.frozen.data.items, found.outliers
    sizes = np.bincount(found.codes, minlength=len(found.names))
    parts = zip(found.names, found.grouping.stabilities, found.typical(), strict=True)
    return [
        ClusterRecord(
            id=code,
            name=name,
            size=int(sizes[code]),
            stability=Score(value=stable.value, low=stable.low, high=stable.high),
            exemplars=[items[i].name for i in typical],
            n_outliers=int(outliers[found.codes == code].sum()),
        )
        for code, (name, stable, typical) in enumerate(parts)
    ]
