"""What ``predict`` prints of a model of clusters, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from topwork.cli.prediction import nothing_readable
from topwork.data import Item, ModalityName
from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord
from topwork.model import ClusterModel
from topwork.runtime.progress import Progress


class ClusterPrediction(BaseModel):
    """The cluster of one item.

    Attributes
    ----------
    path
        The item's name; of a text or a row the table and its line.
    text
        The text itself; ``None`` for an image or a row.
    cluster, name
        The nearest cluster, and what it is called.
    nearness
        Cosine with its centre, -1 to 1; of a row the distance to it with a minus sign.
    second
        The next nearest cluster.
    outlier
        Whether the item is farther from the centre than those of the cluster are.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    text: str | None = None
    cluster: int
    name: str
    nearness: float
    second: int
    outlier: bool


class ClusterPredictResult(JsonObject, BaseModel):
    """What ``predict`` prints of a model of clusters."""

    model_config = ConfigDict(frozen=True)

    task: Literal["clusters"] = "clusters"
    modality: ModalityName = "image"
    predictions: list[ClusterPrediction]
    rejected: list[RejectedRecord]
    cut_short: int = 0
    remarks: list[RemarkRecord] = []
    skipped: dict[str, int] = {}
    notes: list[str] = []


def cluster_result(
    model: ClusterModel, items: Sequence[Item], progress: Progress
) -> ClusterPredictResult:
    """Clusters of all items that can be read.

    Raises
    ------
    DataError
        None can be read.
    """
    found = model.predictions(items, progress=progress)
    if not len(found):
        raise nothing_readable(items, found.rejected[0], model.card.kind)
    inline = model.kind.inline
    return ClusterPredictResult(
        modality=model.card.kind,
        predictions=[
            ClusterPrediction(
                path=one.path,
                text=model.kind.caption(items[place]) if inline else None,
                cluster=one.cluster,
                name=one.name,
                nearness=one.nearness,
                second=one.second,
                outlier=one.outlier,
            )
            for place, one in zip(found.kept, found, strict=True)
        ],
        rejected=RejectedRecord.of(found.rejected),
        cut_short=found.cut_short,
        remarks=list(found.remarks),
    )
