"""What a clustering found, as plain data."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from topwork.data import ModalityName
from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord
from topwork.metrics.records import Score
from topwork.model.short_repr import ShortRepr
from topwork.unsupervised.clustering.comparison import ClusterComparison


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class Structure(_Record):
    """Whether items form groups.

    Attributes
    ----------
    found
        Whether ``p`` is at most 5 %; of rows of a table at most 3 %, and columns vary together.
    p
        The share of draws from one cloud of the same covariance that divide in two as well as the
        items do; of 99 draws, so that it is at least 0.01, or of 19 that leave no doubt.
    strength
        How many standard deviations of the draws the items divide better than their mean.
    """

    found: bool
    p: float
    strength: float


class TriedNumber(_Record):
    """A number of clusters, and the mean silhouette of the items above that of one cloud.

    Attributes
    ----------
    excess
        The mean cosine silhouette less that of one cloud of the same variances that is divided
        into as many parts; about 0 where there are no groups.
    """

    k: int
    excess: float


class LeftOutRecord(_Record):
    """A column that was not used, and why."""

    name: str
    reason: str


class ColumnsRecord(_Record):
    """How the columns of a table were used.

    Attributes
    ----------
    used
        Their names.
    numbers, dates, categories
        The same by how they were read.
    left_out
        The others.
    n_axes
        Axes along which several columns vary together more than shuffled ones do.
    """

    used: list[str]
    numbers: list[str] = []
    dates: list[str] = []
    categories: list[str] = []
    left_out: list[LeftOutRecord]
    n_axes: int


class Difference(_Record):
    """A column by which the rows of a cluster differ from all rows.

    Attributes
    ----------
    column
        Its name.
    words
        How, such as ``few visits``.
    size
        Mean of the cluster less that of all rows, in standard deviations; of categories the share
        that differs most.
    detail
        The median of the cluster and of all rows, or the shares of the category.
    """

    column: str
    words: str
    size: float
    detail: str


class ClusterRecord(_Record):
    """One cluster.

    Attributes
    ----------
    id
        Its number, from 0; the largest comes first, where images and texts of equal content count
        once.
    name
        The words that tell its texts from others, the columns by which its rows differ, or the
        item nearest to its centre.
    size
        Items in it.
    stability
        Mean Jaccard index, 0 to 1, of the cluster and the most similar one that is found in half of
        the items, and the middle 95 % over 50 halves.
    exemplars
        The items nearest to its centre, the nearest first.
    n_outliers
        Items that are farther from the centre than its other items.
    differences
        Of rows of a table the columns by which they differ from all rows, the largest first.
    """

    id: int
    name: str
    size: int
    stability: Score
    exemplars: list[str]
    n_outliers: int
    differences: list[Difference] = []


class BorderlineItem(_Record):
    """An item between two clusters: cosines with the centres of both; of rows minus distances."""

    path: str
    cluster: int
    second: int
    nearness: float
    second_nearness: float


class ClusterResult(ShortRepr, JsonObject, BaseModel):
    """What ``cluster`` found.

    Attributes
    ----------
    previous_model
        Where the model went that was saved at the same place before; None where there was none.
    method
        How items were divided.
    n_items, n_distinct
        Items that could be read, and how many of them differ in content (rows: in the encoded cells
        of the columns that are used).
    structure
        Whether there are groups at all.
    k
        Clusters.
    k_range
        The least and the largest number that were compared, or could have been.
    stands_out
        Whether the number of clusters stands out; None where it was given.
    tried
        The numbers that were compared; none where it was given.
    clusters
        In the order of their numbers.
    assignments
        The table with the cluster of each item: its file, or None where none was written.
    n_borderline, borderline
        Items whose next centre is less than 0.05 of cosine farther away than their own (of rows
        less than 10 % of the distance), and the first of them.
    n_outliers, outliers
        Items far from the centre of their cluster, and the first of them.
    n_copies, copies
        Items that another one shows or says already, changed a little or not (rows: those that are
        not distinct); the first groups.
    columns
        Of a table how its columns were used; else None.
    compared
        The clusters beside a column of the table or the folders; None where that wasn't asked for.
    sentences
        The outcome for people.
    """

    model_config = ConfigDict(frozen=True)

    task: Literal["clusters"] = "clusters"
    modality: ModalityName
    model: str | None = None
    previous_model: str | None = None
    backbone: str
    method: str
    n_items: int
    n_distinct: int
    rejected: list[RejectedRecord]
    cut_short: int = 0
    remarks: list[RemarkRecord] = []
    structure: Structure
    k: int
    k_range: tuple[int, int]
    stands_out: bool | None
    tried: list[TriedNumber]
    clusters: list[ClusterRecord]
    assignments: str | None = None
    n_borderline: int
    borderline: list[BorderlineItem]
    n_outliers: int
    outliers: list[str]
    n_copies: int
    copies: list[list[str]]
    columns: ColumnsRecord | None = None
    compared: ClusterComparison | None = None
    sentences: list[str]
    seconds: float = Field(ge=0)
    skipped: dict[str, int] = {}
    notes: list[str] = []

    def _facts(self) -> dict[str, object]:
        return {
            "items": self.n_items,
            "groups": self.structure.found,
            "clusters": self.k,
            "outcome": " ".join(self.sentences),
        }
