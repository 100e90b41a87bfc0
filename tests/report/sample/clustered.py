"""Clusters of items without labels."""

from __future__ import annotations

from collections.abc import Callable

from tests.report.sample.words import score
from topwork.report import (
    ClusterBetween,
    ClusterMap,
    ClusterMember,
    Clusters,
    ClusterSpots,
    ShownCluster,
    TriedCount,
)


def clusters(labels: list[str], path: Callable[[int], str]) -> Clusters:
    members = tuple(ClusterMember(path=path(i)) for i in range(30))
    texts = tuple(ClusterMember(path=path(i), text=labels[-1]) for i in range(4))
    return Clusters(
        clusters=tuple(
            ShownCluster(
                id=i,
                name=label,
                size=40 - i,
                stability=score(0.8, 0.05),
                n_outliers=i % 3,
                typical=texts if i % 2 else members[:8],
            )
            for i, label in enumerate(labels[:4])
        ),
        map=ClusterMap(
            layout="t-SNE",
            n_items=20,
            groups=tuple(
                ClusterSpots(
                    id=i,
                    name=label,
                    places=tuple((200 * i + 40 * j, 90 * i + 7 * j * j) for j in range(5)),
                    x=20.0 * i + 8,
                    y=15.0 * i + 6,
                )
                for i, label in enumerate(labels[:4])
            ),
        ),
        tried=tuple(TriedCount(k=k, excess=k / 100, chosen=k == 4) for k in range(2, 9)),
        between=(ClusterBetween(item=members[0], first=labels[0], second=labels[1]),),
        n_between=7,
        outliers=members[:3],
        n_outliers=40,
        copies=(members[:2],),
        n_copies=1,
    )
