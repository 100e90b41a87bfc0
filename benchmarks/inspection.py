"""Whether inspection keeps its promise, what it finds of drawn defects, and what it costs.

`python -m benchmarks.inspection [REPEATS]` (200 by default)

False alarms: scores are drawn anew in every repeat, and a tenth as often maps of drawn parts are
divided anew into those that are fitted on and new ones; also with three exposures of each part,
grouped and not. Defects are drawn on photographs of surfaces: the model sees the upper half of a
photograph, and is asked about the lower half. Parts that lie anyhow are judged by both
descriptions of good parts, and by the one that pasted pieces choose.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.drawn_parts import DEFECTS, SIDE, good_part, loose_part, surface
from benchmarks.record import Record
from topwork.calibration.false_alarms import GoodScores, promised_rate
from topwork.data import MODALITIES, Dataset, read_items
from topwork.heads import stratified_folds
from topwork.heads.inspection.normality import (
    DESCRIPTIONS,
    NormalityName,
    held_out_distances,
)
from topwork.heads.inspection.place_gaussian import fit_place_gaussian, part_scores
from topwork.inductive.inspection.choosing import N_FOLDS, choose_description
from topwork.inductive.inspection.part_maps import PartMaps, map_parts
from topwork.metrics.inspection.heat_scores import HeatScores
from topwork.metrics.inspection.part_scores import part_auroc
from topwork.model.inspection.predictions import enlarged
from topwork.runtime.progress import silent
from topwork.settings.inspection import InspectionSettings

REPEATS = 200
FRESH = 5000
N_POOL = 300
N_FITTED = 60
N_EXPOSURES = 3

Rows = NDArray[np.float32]


def maps_of(images: list[NDArray[np.uint8]]) -> PartMaps:
    data = Dataset(read_items(images), kind=MODALITIES["image"])
    return map_parts(data, InspectionSettings(cache=False), progress=silent)


def rows_of(images: list[NDArray[np.uint8]]) -> Rows:
    return maps_of(images).rows


def simulated(n: int, rate: float, repeats: int) -> tuple[float, float]:
    """Mean share of false alarms, and how often the interval holds the share of a repeat."""
    rng, shares, inside = np.random.default_rng(n), [], []
    promised = promised_rate(n, rate)
    for _ in range(repeats):
        threshold = GoodScores.of(rng.gamma(3.0, size=n), np.arange(n)).threshold(rate)
        share = (rng.gamma(3.0, size=FRESH) > threshold).mean()
        shares.append(share)
        inside.append(promised.low <= share <= (promised.high or 1))
    return float(np.mean(shares)), float(np.mean(inside))


def alarms(rows: Rows, parts: NDArray[np.intp], repeats: int, *, grouped: bool) -> float:
    """Mean share of new parts' images that are called anomalous at a promise of 5 %."""
    rng, shares = np.random.default_rng(0), []
    names = np.unique(parts)
    for repeat in range(repeats):
        chosen = np.isin(parts, rng.permutation(names)[:N_FITTED])
        own = rows[chosen]
        groups = parts[chosen] if grouped else np.arange(len(own))
        codes = np.zeros(len(own), np.int64)
        folds = stratified_folds(codes, n_folds=N_FOLDS, groups=groups, seed=repeat)
        good = GoodScores.of(part_scores(held_out_distances(own, folds)), groups)
        new = part_scores(fit_place_gaussian(own).distances(rows[~chosen]))
        shares.append((new > good.threshold(0.05)).mean())
    return float(np.mean(shares))


def exposed(image: NDArray[np.uint8], rng: np.random.Generator) -> list[NDArray[np.uint8]]:
    """The same part in three exposures."""
    levels = np.linspace(0.8, 1.1, N_EXPOSURES)
    seen = [image * level + rng.normal(0, 2, image.shape) for level in levels]
    return [np.clip(one, 0, 255).astype(np.uint8) for one in seen]


def defects(name: str | None) -> tuple[float, float, float]:
    """AUROC of parts and of pixels, and overlap of regions, on one surface."""
    rng = np.random.default_rng(0)
    upper, lower = (None, None) if name is None else np.split(surface(name), 2)
    model = fit_place_gaussian(rows_of([good_part(rng, upper) for _ in range(N_FITTED)]))
    good = [good_part(rng, lower) for _ in range(60)]
    bad = [DEFECTS[kind](good_part(rng, lower), rng) for kind in DEFECTS for _ in range(20)]
    distances = model.distances(rows_of([*good, *(image for image, _ in bad)]))
    heat = HeatScores()
    masks = [np.zeros((SIDE, SIDE), bool)] * len(good) + [mask for _, mask in bad]
    for own, mask in zip(distances, masks, strict=True):
        heat.add(enlarged(own.reshape(14, 14), SIDE, SIDE), mask)
    area = part_auroc(part_scores(distances), np.arange(len(distances)) >= len(good))
    pixel, overlap = heat.pixel_auroc(), heat.region_overlap()
    assert area is not None
    assert pixel is not None
    assert overlap is not None
    return area.value, pixel.value, overlap.value


def chosen(images: list[NDArray[np.uint8]], seed: int) -> tuple[NormalityName, Rows]:
    """How pasted pieces say that these parts are to be described, and their features."""
    maps = maps_of(images)
    found = choose_description(maps, np.arange(len(images)), seed=seed, progress=silent)
    return found.name, maps.rows


def anyhow(n: int) -> tuple[dict[NormalityName, float], NormalityName]:
    """AUROC of each description on plates that lie anyhow, and the one that is chosen."""
    rng = np.random.default_rng(n)
    name, rows = chosen([loose_part(rng)[0] for _ in range(n)], n)
    images = [loose_part(rng)[0] for _ in range(100)]
    new = rows_of([*images, *(loose_part(rng, defect=True)[1] for _ in range(100))])
    areas = dict[NormalityName, float]()
    for one, description in DESCRIPTIONS.items():
        area = part_auroc(part_scores(description.fit(rows).distances(new)), np.arange(200) >= 100)
        assert area is not None
        areas[one] = area.value
    return areas, name


def loose_alarms(repeats: int) -> float:
    """Mean share of new plates lying anyhow that are called anomalous at a promise of 5 %."""
    rng, shares = np.random.default_rng(2), []
    maps = maps_of([loose_part(rng)[0] for _ in range(N_POOL)])
    for repeat in range(repeats):
        order = rng.permutation(N_POOL)
        own, rest = np.sort(order[:N_FITTED]), order[N_FITTED:]
        part = replace(maps, data=maps.data.take(own), rows=maps.rows[own])
        found = choose_description(part, np.arange(N_FITTED), seed=repeat, progress=silent)
        threshold = GoodScores.of(found.scores, np.arange(N_FITTED)).threshold(0.05)
        fitted = DESCRIPTIONS[found.name].fit(part.rows)
        shares.append((part_scores(fitted.distances(maps.rows[rest])) > threshold).mean())
    return float(np.mean(shares))


def costs() -> tuple[float, float]:
    """Seconds of a cold fit of 200 parts as a process, and ms of a prediction with its map."""
    import topwork as tw

    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "good").mkdir()
        for i in range(200):
            image = Image.fromarray(good_part(rng)).resize((640, 640))
            image.save(folder / "good" / f"{i:03}.jpg", quality=92)
        places = {f"TOPWORK_{what}_DIR": str(folder / what) for what in ("CACHE", "STATE")}
        command = [sys.executable, "-m", "topwork", "fit", str(folder / "good"), "--quiet"]
        asked = ["--task", "one-class", "-o", str(folder / "m.topwork")]
        begun = time.perf_counter()
        subprocess.run([*command, *asked], env={**os.environ, **places}, check=True)
        cold = time.perf_counter() - begun
        model: Any = tw.load(folder / "m.topwork")
        files, spent = sorted((folder / "good").iterdir())[:50], []
        for file in files:
            begun = time.perf_counter()
            model.predictions([file]).heat_map(0)
            spent.append(time.perf_counter() - begun)
    return cold, 1000 * float(np.median(spent))


def main() -> None:
    """Measure everything and write it down."""
    given = [argument for argument in sys.argv[1:] if argument.isdigit()]
    repeats = int(given[0]) if given else REPEATS
    record = Record("inspection")
    table = []
    for n, rate in ((60, 0.05), (300, 0.05), (300, 0.01)):
        mean, covered = simulated(n, rate, repeats)
        table.append((n, rate, mean, covered))
        record.target(f"simulated, n = {n}, promise {rate}: false alarms", mean, most=rate + 0.005)
        record.target(f"simulated, n = {n}, promise {rate}: coverage", covered, least=0.93)
    record.table(
        f"False alarms in {repeats} repeats, simulated", ("n", "promise", "mean", "coverage"), table
    )
    rng, few = np.random.default_rng(1), max(2, repeats // 10)
    rows = rows_of([good_part(rng) for _ in range(N_POOL)])
    apart = alarms(rows, np.arange(N_POOL), few, grouped=True)
    record.target("drawn parts, n = 60, promise 0.05: false alarms", apart, most=0.06)
    images = [one for _ in range(N_POOL // 2) for one in exposed(good_part(rng), rng)]
    rows, parts = rows_of(images), np.arange(len(images)) // N_EXPOSURES
    told, untold = (alarms(rows, parts, few, grouped=grouped) for grouped in (True, False))
    record.target("three exposures, grouped by part: false alarms", told, most=0.06)
    record.note("three exposures, each image for itself: false alarms", untold)
    table = []
    for name in (None, "brick", "grass", "gravel"):
        table.append((name or "brushed metal", *defects(name)))
    record.table(
        "Drawn defects of 2 % of the area", ("surface", "AUROC", "pixel AUROC", "PRO"), table
    )
    record.target("drawn defects: least AUROC", min(row[1] for row in table), least=0.98)
    record.target("drawn defects: least pixel AUROC", min(row[2] for row in table), least=0.95)
    table = []
    for n in (60, 200):
        areas, name = anyhow(n)
        table.append((n, *areas.values(), name))
        record.target(
            f"{n} plates lying anyhow: chosen description behind the best",
            max(areas.values()) - areas[name],
            most=0.01,
        )
    record.table("Plates that lie anyhow, AUROC", ("good parts", *DESCRIPTIONS, "chosen"), table)
    framed = [chosen([good_part(rng) for _ in range(N_FITTED)], seed)[0] for seed in range(5)]
    share = float(np.mean([name == "place-gaussian" for name in framed]))
    record.note("framed alike: share of fits with a distribution per place", share)
    loose = loose_alarms(few)
    record.target("plates lying anyhow, n = 60, promise 0.05: false alarms", loose, most=0.06)
    cold, one = costs()
    record.target("seconds of a cold fit of 200 parts", cold, most=60)
    record.target("ms of a prediction with its heat map", one, most=25)
    record.write()


if __name__ == "__main__":
    main()
