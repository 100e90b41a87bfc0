"""What differs between clusterings of images and of texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from topwork.data import Dataset, ModalityName
from topwork.heads.clustering import FewOrMany
from topwork.unsupervised.clustering.naming import Members, named_by_exemplar, named_by_words


@dataclass(frozen=True, slots=True)
class ClusteredModality:
    """How items of one modality are clustered.

    Parameters
    ----------
    ways
        How they are divided. Spherical k-means is at least as accurate as the normalised cut on
        images and up to 29 clusters of texts; of more, the cut is more accurate.
    names
        What clusters are called, given the items and the members of each cluster.
    """

    ways: FewOrMany
    names: Callable[[Dataset, Sequence[Members]], list[str]]


CLUSTERED: Final[Mapping[ModalityName, ClusteredModality]] = {
    "image": ClusteredModality(FewOrMany(), named_by_exemplar),
    "text": ClusteredModality(FewOrMany(cut_from=30), named_by_words),
}
"""By the kind of items."""
