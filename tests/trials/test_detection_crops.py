"""Crops of boxes, and images that are no longer there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from topwork.backbones.engines import Graph
from topwork.data import Dataset, Framing, Item
from topwork.errors import DataError
from topwork.metrics.detection import Detections
from topwork.trials.detection.crops import CropNetwork


def test_an_image_that_went_away_is_told_in_a_sentence(tmp_path: Path) -> None:
    unused: Any = None
    graph = Graph(tmp_path, ((4,),), faithful=True)
    network = CropNetwork(unused, graph, unused, Framing(8, 8))
    gone = Dataset([Item("a.jpg", path=tmp_path / "a.jpg")], None)
    with pytest.raises(DataError, match="went away") as refused:
        network.look(gone, [Detections.none()], [(9, 9)])
    assert refused.value.code == "went_away"
