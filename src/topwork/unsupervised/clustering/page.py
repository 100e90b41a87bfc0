"""The report of a clustering."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from topwork.data import Dataset
from topwork.data.texts.truncated import truncated
from topwork.installation import installed_versions
from topwork.report import (
    ClusterBetween,
    ClusterMap,
    ClusterMember,
    Clusters,
    Fact,
    Method,
    Publication,
    ReportContent,
    Shown,
    ShownCluster,
    Summary,
    TriedCount,
)
from topwork.reporting.fit_report import contents_hash
from topwork.runtime.counted import counted
from topwork.unsupervised.clustering.evidence import ClusterEvidence
from topwork.unsupervised.clustering.plane import cluster_map
from topwork.unsupervised.clustering.result import ClusterResult

_SHOWN = 24
_OF_MANY = 4
"""Items of each cluster where there are more than `_MANY` clusters, or they are rows."""

_MANY = 12


def cluster_report(found: ClusterEvidence, result: ClusterResult, title: str) -> ReportContent:
    """What the page and the model card say."""
    items, grouping = f"{result.modality}s", found.grouping
    return ReportContent(
        title=title,
        subtitle=f"Clusters of {counted(result.n_items, result.modality)} without labels",
        notice=found.frozen.data.notice,
        kind=result.modality,
        task="clusters",
        summary=Summary(
            question="Are there groups?",
            how_good=" ".join(result.sentences),
            next_steps=(
                f"Look through the {items} of each cluster below; --k gives another number of "
                "clusters.",
                f"topwork predict assigns other {items} to these clusters.",
            ),
            warnings=cluster_warnings(result),
        ),
        clusters=cluster_section(
            found.frozen.data,
            found.names,
            result,
            cluster_map(
                grouping.rows,
                grouping.codes,
                found.names,
                neighbours=True,
                seed=found.settings.seed,
            ),
        ),
        method=_method(found, result),
        publication=Publication(base_model=result.backbone, tags=("clustering",)),
    )


def cluster_warnings(result: ClusterResult) -> tuple[str, ...]:
    """What must be read before the clusters are used."""
    found = [remark.sentence for remark in result.remarks]
    if result.rejected:
        found.append(f"{counted(len(result.rejected), result.modality)} could not be read.")
    if result.cut_short:
        found.append(f"{truncated(result.cut_short)}.")
    return tuple(found)


def cluster_section(
    data: Dataset, names: Sequence[str], result: ClusterResult, plane: ClusterMap
) -> Clusters:
    """The section about the clusters, given what these are called and where items lie."""
    shown = Shown(data)

    def member(name: str) -> ClusterMember:
        return ClusterMember(path=name, image=shown.image(name), text=shown.text(name))

    return section_of(names, result, plane, member)


def section_of(
    names: Sequence[str],
    result: ClusterResult,
    plane: ClusterMap,
    member: Callable[[str], ClusterMember],
    columns: Sequence[str] = (),
) -> Clusters:
    """The same, given how an item is shown.

    Parameters
    ----------
    columns
        Of a table those that are shown.
    """
    at_most = _OF_MANY if result.k > _MANY or columns else _SHOWN

    return Clusters(
        clusters=tuple(
            ShownCluster(
                id=one.id,
                name=one.name,
                size=one.size,
                stability=one.stability,
                n_outliers=one.n_outliers,
                typical=tuple(member(name) for name in one.exemplars[:at_most]),
                differences=tuple(f"{d.words} ({d.detail})" for d in one.differences),
            )
            for one in result.clusters
        ),
        map=plane,
        tried=tuple(
            TriedCount(k=t.k, excess=t.excess, chosen=t.k == result.k) for t in result.tried
        ),
        between=tuple(
            ClusterBetween(
                item=member(one.path),
                first=names[one.cluster],
                second=names[one.second],
            )
            for one in result.borderline[:_SHOWN]
        ),
        n_between=result.n_borderline,
        outliers=tuple(member(name) for name in result.outliers[:_SHOWN]),
        n_outliers=result.n_outliers,
        copies=tuple(
            tuple(member(name) for name in group[:2]) for group in result.copies[: _SHOWN // 2]
        ),
        n_copies=result.n_copies,
        columns=tuple(columns),
        n_columns=len(result.columns.used) if result.columns else 0,
    )


def _method(found: ClusterEvidence, result: ClusterResult) -> Method:
    items, grouping = f"{result.modality}s", found.grouping
    n_axes = grouping.space.axes.shape[1]
    ways = {
        "spherical k-means": "spherical k-means from 20 starts",
        "normalised cut": "the normalised cut of a graph of 30 neighbours each; an item belongs to "
        "the cluster whose mean direction is nearest",
    }
    return Method(
        paragraphs=(
            f"The network's features were projected onto {n_axes} principal axes, half whitened "
            f"and scaled to length 1. {items.capitalize()} of equal content count once. They were "
            f"divided by {ways[result.method]}.",
            "Whether there are groups was tested by the two-means cluster index against 99 draws "
            "of a Gaussian with the same covariance, or 19 where these leave no doubt; there are "
            "where p is at most 5 %. A number of clusters stands out where the mean silhouette "
            "exceeds that of one cloud, divided alike, by clearly more than for other numbers.",
            "The stability of a cluster is the Jaccard index of the most similar cluster that "
            "spherical k-means finds in half of the items, averaged over 50 halves, with the "
            "middle 95 %. An item is an outlier if its cosine with the centre is more than 3.5 "
            "robust standard deviations below the median of its cluster, and borderline if another "
            "centre is less than 0.05 of cosine farther away.",
            "Clusters follow what the network sees. That they agree with what matters to you can "
            "only be told by looking at them.",
        ),
        facts=(
            Fact(name=items, value=f"{result.n_items:,}"),
            Fact(name=f"{items} that differ", value=f"{result.n_distinct:,}"),
            Fact(name="backbone", value=result.backbone),
            Fact(name="axes", value=str(n_axes)),
            Fact(name="strength", value=f"{np.round(result.structure.strength, 1)} SD"),
            Fact(name="seed", value=str(found.settings.seed)),
        ),
        versions=tuple(Fact(name=k, value=v) for k, v in installed_versions().items()),
        hashes=(
            Fact(
                name=f"contents of the {items}", value=contents_hash(found.frozen.extraction.keys)
            ),
        ),
    )
