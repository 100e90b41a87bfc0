"""The evidence of a clustering of rows as a model that can be saved, and its report."""

from __future__ import annotations

import numpy as np

from topwork.heads.clustering.rows import least_nearness
from topwork.installation import installed_versions
from topwork.model import RowCard, RowClusterModel, RowParts, RowSpace
from topwork.model.statistics import key_rows
from topwork.report import (
    ClusterMember,
    Fact,
    Method,
    Publication,
    ReportContent,
    Summary,
    model_card,
    render,
)
from topwork.reporting.fit_report import contents_hash
from topwork.runtime.counted import counted
from topwork.unsupervised.clustering.page import cluster_warnings, section_of
from topwork.unsupervised.clustering.plane import cluster_map
from topwork.unsupervised.clustering.result import ClusterResult
from topwork.unsupervised.clustering.rows.evidence import RowEvidence

_COLUMNS = 8
"""That a table on the page has room for."""


def assemble_rows(found: RowEvidence, result: ClusterResult, title: str) -> RowClusterModel:
    """The encoding, the axes and the centres, and the report."""
    keys = found.table.only(found.encoding.names).keys()
    content = _report(found, result, title, contents_hash(keys))
    own = -found.membership.nearness
    parts = RowParts(
        card=RowCard(encoding=found.encoding, names=found.names),
        space=RowSpace(
            mean=found.axes.mean,
            axes=found.axes.axes,
            centres=found.centres,
            least=least_nearness(own, found.codes, len(found.centres)),
            codes=found.codes.astype(np.int32),
            keys=key_rows(keys),
        ),
        facts={
            "data": {"n_items": result.n_items, "contents": contents_hash(keys)},
            "structure": result.structure.model_dump(mode="json"),
        },
        pages={"report.html": render(content), "README.md": model_card(content)},
    )
    return RowClusterModel(parts, engine=found.settings.engine)


def _report(found: RowEvidence, result: ClusterResult, title: str, contents: str) -> ReportContent:
    columns = _most_different(found)
    places = {name: place for place, name in enumerate(found.table.names)}

    def member(name: str) -> ClusterMember:
        row = [found.table.columns[column][places[name]] for column in columns]
        return ClusterMember(path=name, cells=tuple(cell or "" for cell in row))

    return ReportContent(
        title=title,
        subtitle=f"Clusters of {counted(result.n_items, result.modality)} without labels",
        kind=result.modality,
        task="clusters",
        summary=Summary(
            question="Are there groups?",
            how_good=" ".join(result.sentences),
            next_steps=(
                "Look at the columns by which each cluster below differs; --k gives another number "
                "of clusters.",
                "topwork predict assigns the rows of other tables to these clusters.",
            ),
            warnings=(*cluster_warnings(result), *result.notes),
        ),
        clusters=section_of(
            found.names,
            result,
            cluster_map(
                found.encoding.transform(found.table.columns),
                found.codes,
                found.names,
                neighbours=False,
                seed=found.settings.seed,
            ),
            member,
            columns,
        ),
        method=_method(found, result, contents),
        publication=Publication(tags=("clustering", "tabular")),
    )


def _most_different(found: RowEvidence) -> list[str]:
    """The columns in which clusters differ most, in the order of the table."""
    largest = dict.fromkeys(found.encoding.names, 0.0)
    for own in found.differences:
        for one in own:
            largest[one.column] = max(largest[one.column], abs(one.size))
    kept = set(sorted(largest, key=lambda name: -largest[name])[:_COLUMNS])
    return [name for name in largest if name in kept]


def _method(found: RowEvidence, result: ClusterResult, contents: str) -> Method:
    assert result.columns is not None
    return Method(
        paragraphs=(
            "Each column has the same weight: numbers by the inverse hyperbolic sine of their "
            "robust distance from the median, at most ten deviations, so that a few large ones do "
            "not outweigh the rest; categories as one column each, rare ones joined; of dates the "
            "day, and month and weekday where they vary.",
            "Groups are sought on principal axes along which several columns vary together: their "
            "variance exceeds the 95 % quantile of 49 draws that shuffle, column by column, what "
            "the axes before leave of the rows. On these axes rows were divided by k-means from 20 "
            "starts.",
            "Whether there are groups was tested by how well two and three clusters explain the "
            "variance along these axes, against 99 draws of each kind: columns shuffled, one cloud "
            "with the same variances and skewness, and the same columns that vary together as "
            "those of a Gaussian. There are where the largest p of the three is at most 3 %; where "
            "one is clearly larger, 19 draws of it are enough. A number of clusters stands out "
            "where the mean silhouette exceeds that of one cloud, divided alike, by clearly more "
            "than for other numbers.",
            "The stability of a cluster is the Jaccard index of the most similar cluster that "
            "k-means finds in half of the rows, averaged over 50 halves, with the middle 95 %. A "
            "row is an outlier if its distance from the centre is more than 3.5 robust standard "
            "deviations above the median of its cluster, and borderline if another centre is less "
            "than 10 % farther away.",
        ),
        facts=(
            Fact(name="rows", value=f"{result.n_items:,}"),
            Fact(name="rows that differ", value=f"{result.n_distinct:,}"),
            Fact(name="columns used", value=", ".join(result.columns.used)),
            Fact(name="axes", value=str(result.columns.n_axes)),
            Fact(name="strength", value=f"{np.round(result.structure.strength, 1)} SD"),
            Fact(name="seed", value=str(found.settings.seed)),
        ),
        versions=tuple(Fact(name=k, value=v) for k, v in installed_versions().items()),
        hashes=(Fact(name="contents of the rows", value=contents),),
    )
