"""The end of a clustering: its model on disk, and what the result says of that."""

from __future__ import annotations

import time
from pathlib import Path

from topwork.model import SealedModel
from topwork.model.continual.previous import save_beside_previous
from topwork.unsupervised.clustering.result import ClusterResult


def title_of(save_to: Path | None, source: str) -> str:
    """What a clustering is called: as its model, or as the data where it is not saved.

    Examples
    --------
    >>> title_of(Path("shop-clusters.topwork"), "shop.csv"), title_of(None, "data/shop.csv")
    ('shop-clusters', 'shop.csv')
    """
    named = save_to.name.removesuffix(".topwork") if save_to else Path(source).name
    return named or "Clusters"


def saved(
    model: SealedModel, result: ClusterResult, save_to: Path | None, begun: float
) -> ClusterResult:
    """Write the model, if it is to be written, and record where it is and what all took.

    Parameters
    ----------
    begun
        When the clustering began, as `time.monotonic` counts.
    """
    earlier = None if save_to is None else save_beside_previous(model, save_to)
    spent = {
        "model": None if save_to is None else str(save_to),
        "previous_model": None if earlier is None else str(earlier),
        "seconds": time.monotonic() - begun,
    }
    return result.model_copy(update=spent)
