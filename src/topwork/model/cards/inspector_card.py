"""What a model that inspects parts says about itself."""

from __future__ import annotations

from typing import ClassVar

from topwork.heads.inspection.normality import NormalityName
from topwork.model.card import NetworkCard
from topwork.settings.choices import TaskName


class InspectorCard(NetworkCard):
    """Everything about an inspector that isn't a tensor: ``model.json`` in the bundle.

    Attributes
    ----------
    maps
        Channels, rows and columns of each map of the network; the first gives the places.
    head
        How good parts are described.
    n_axes
        Principal axes that places are compared in.
    n_patches
        Places of good parts in the memory; none where each place has a distribution.
    false_alarms
        Fraction of new good parts that may be called anomalous.
    threshold
        Parts of a larger score are.
    """

    task: ClassVar[TaskName] = "one-class"

    maps: tuple[tuple[int, int, int], ...]
    head: NormalityName
    n_axes: int
    n_patches: int = 0
    false_alarms: float
    threshold: float

    @property
    def places(self) -> tuple[int, int]:
        """Rows and columns of a heat map, before it is enlarged."""
        _, rows, columns = self.maps[0]
        return rows, columns
