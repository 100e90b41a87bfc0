"""Whether tiles find small objects: scenes of 1,600 x 1,200 pixels with objects of 18 to 36.

`python -m benchmarks.tiles [MINUTES]` (6 by default, for each of two fits)
"""

from __future__ import annotations

import sys
import time

from benchmarks.caches import own_cache
from benchmarks.composites import Scene, scenes
from benchmarks.record import Record
from topwork import ObjectDetector
from topwork.model import DetectorModel

MINUTES = 6
TRAIN, TEST = 60, 40
WIDTH, HEIGHT, SHARE = 1600, 1200, (0.015, 0.03)

Row = tuple[str, str, float, float, float, float, float]


def main() -> None:
    minutes = float(sys.argv[1]) if sys.argv[1:2] and sys.argv[1].isdigit() else MINUTES
    record = Record("tiles")
    train, test = (_drawn(n, seed) for seed, n in enumerate((TRAIN, TEST)))
    with own_cache():
        rows = [
            _fitted(name, tiles, minutes, train, test)
            for name, tiles in (("no tiles", 1), ("tiles where they find more", None))
        ]
    record.table(
        f"{TRAIN} scenes, {TEST} others, {minutes:g} minutes",
        ("fit", "chosen", "AP50 of the folds", "low", "high", "AP50 on others", "ms an image"),
        rows,
    )
    without, with_tiles = (row[5] for row in rows)
    record.target("AP50 that tiles add on other scenes", with_tiles - without, least=0.1)
    record.write()


def _drawn(n: int, seed: int) -> list[Scene]:
    return scenes(n, seed=seed, width=WIDTH, height=HEIGHT, share=SHARE)


def _fitted(
    name: str, tiles: int | None, minutes: float, train: list[Scene], test: list[Scene]
) -> Row:
    images, boxes = zip(*train, strict=True)
    detector = ObjectDetector(strategy="auto", minutes=minutes, tiles=tiles, baselines=False)
    detector.fit(list(images), list(boxes))
    model = detector.model_
    assert isinstance(model, DetectorModel)
    begun = time.perf_counter()
    judged = model.evaluate([one.image for one in test], [one.boxes for one in test])
    milliseconds = 1e3 * (time.perf_counter() - begun) / len(test)
    chosen = next(one.name for one in detector.result_.tried if one.chosen)
    ap50 = detector.result_.scores.ap50
    return (
        name,
        f"{chosen}, {model.card.tiles} per side",
        ap50.value,
        ap50.low or 0.0,
        ap50.high or 1.0,
        judged.scores.ap50.value,
        milliseconds,
    )


if __name__ == "__main__":
    main()
