"""Single images, as they are watched live."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from topwork.data import Framing
from topwork.deployment.live.recognition.single_images import SingleImages


def test_the_network_has_run_before_the_first_image_comes() -> None:
    """It is compiled by its first batch, which takes longer than many images."""
    seen: list[tuple[int, ...]] = []

    class Engine:
        def run(self, batches: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
            for tag, inputs in batches:
                seen.append(inputs.shape)
                yield tag, [np.zeros((1, 2), np.float32)]

    model: Any = SimpleNamespace(
        _engine=lambda _: Engine(), parts=SimpleNamespace(preparation=Framing(6, 8))
    )
    SingleImages(model)
    assert seen == [(1, 6, 8, 3)]
