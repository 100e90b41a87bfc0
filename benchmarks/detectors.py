"""Objects found after a fit of ten minutes, what it takes, and what single choices do.

`python -m benchmarks.detectors`

Photographs of playing cards: `fit --strategy auto --minutes 10` on the training part, judged on the
test part, beside what its own folds say; then single fits of the head on the training part, each
with one choice changed. Scenes composed of photographs: a head on the frozen network beside the
whole network trained from its pixels.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.bench_data import bench_data
from benchmarks.caches import own_cache
from benchmarks.composites import scenes
from benchmarks.detection_assigners import ASSIGNERS, assigning_by
from benchmarks.programs import TOPWORK
from benchmarks.record import Record
from benchmarks.timing import run
from topwork.backbones import DEFAULT_BACKBONE
from topwork.backbones.engines import OpenVINOEngine
from topwork.data import BoxTargets, Dataset, read
from topwork.metrics.detection import Detections, detection_scores
from topwork.model.detection.annotated import annotated
from topwork.search.detectors import WHOLE_RATE
from topwork.training.detection.fit import (
    DetectionFit,
    DetectionJob,
    DetectionRecipe,
    TrainedLayers,
    fit_detection,
)
from topwork.trials.detection.fold_fitting import detections_of
from topwork.trials.detection.maps import MappedImages, decoded_views, image_sizes, map_images
from topwork.trials.detection.plan import COARSE_CUTS, FINE_CUTS, DetectionPlan, plan_detection

MINUTES = 10
STEPS = 500
TUNED_STEPS = 120
FULL_STEPS = 160
"""Of whole networks, whose loss has flattened out by then."""


@dataclass(frozen=True, eq=False)
class Parts:
    """Images to train on, and others to judge by, as one data set."""

    data: Dataset
    n_train: int

    @classmethod
    def of(cls, train_part: Dataset, test_part: Dataset) -> Parts:
        labels = train_part.boxes.labels
        assert test_part.boxes.labels == labels
        targets = BoxTargets(labels, train_part.boxes.images + test_part.boxes.images)
        items = [*train_part.items, *test_part.items]
        return cls(Dataset(items, targets), len(train_part))

    def plan(self, side: int | None = None) -> DetectionPlan:
        """By the training part alone."""
        targets, n = self.data.boxes, self.n_train
        sizes = image_sizes(self.data)[:n]
        return plan_detection(targets.images[:n], sizes, n_classes=len(targets.labels), side=side)

    def job(self, mapped: MappedImages, plan: DetectionPlan) -> DetectionJob:
        every = np.arange(len(self.data))
        return DetectionJob(
            cuts=mapped.cuts,
            boxes=mapped.boxes,
            layout=plan.layout,
            n_classes=len(self.data.boxes.labels),
            recipe=DetectionRecipe(plan.steps, plan.batch, plan.learning_rate, plan.channels),
            rows=every[: self.n_train],
            held_out=every[self.n_train :],
        )

    def judged(self, mapped: MappedImages, fit: DetectionFit) -> tuple[float, float]:
        """AP50 and AP50:95 on the test part."""
        rows = range(self.n_train, len(self.data))
        found: list[Detections] = [
            detections_of(fit.found[i], mapped, row) for i, row in enumerate(rows)
        ]
        targets = self.data.boxes.take(np.array(rows))
        scores = detection_scores(targets, found)
        return scores.ap50.value, scores.ap.value


def main() -> None:
    torch.set_num_threads(1)
    record = Record("detectors")
    cards = bench_data(record, "cards-mini")
    with own_cache() as root:
        if cards is not None:
            _whole_fit(record, cards, root)
            _choices(record, cards)
        _against_full(record)
    record.write()


def _whole_fit(record: Record, cards: Path, root: Path) -> None:
    model = root / "cards.topwork"
    begun = time.monotonic()
    options = ("--strategy", "auto", "--minutes", str(MINUTES), "--json", "--quiet")
    said = run(TOPWORK, "fit", str(cards), "--out", str(model), *options)
    seconds = time.monotonic() - begun
    fit = json.loads(said.stdout)
    judged = json.loads(run(TOPWORK, "evaluate", str(model), str(cards), "--json").stdout)
    rows = [(t["name"], f"{t['width']}x{t['height']}", t["steps"], t["ap50"], t["seconds"],
             "selected" if t["chosen"] else "") for t in fit["tried"]]  # fmt: skip
    heads = ("detector", "input", "steps", "AP50, folds", "s", "")
    record.table("Playing cards: what the fit tried", heads, rows)
    own, other = fit["scores"]["ap50"], judged["scores"]["ap50"]
    record.note("its interval of AP50, from folds", f"{own['low']:.3f} to {own['high']:.3f}")
    record.note("the second look", fit["second_look"]["reason"])
    record.note("minutes", seconds / 60)
    record.target("playing cards: AP50 on the test part", other["value"], least=0.9)


def _choices(record: Record, cards: Path) -> None:
    parts = Parts.of(read(cards, split="train"), read(cards, split="test"))
    usual = replace(parts.plan(416), steps=STEPS)
    variants: dict[str, DetectionPlan] = {
        "as it is, 416": usual,
        "320": replace(parts.plan(320), steps=STEPS),
        "512": replace(parts.plan(512), steps=STEPS),
        "1 view": replace(usual, views=1),
        "4 views": replace(usual, views=4),
        "96 channels": replace(usual, channels=96),
        "strides 8, 16, 32": replace(usual, cuts=FINE_CUTS, strides=(8, 16, 32)),
        "strides 16, 32": replace(usual, cuts=COARSE_CUTS, strides=(16, 32)),
        "twice the steps": replace(usual, steps=2 * STEPS),
    }
    rows: list[tuple[Any, ...]] = []
    for name, plan in variants.items():
        mapped = map_images(parts.data, plan, name=DEFAULT_BACKBONE, keep=True)
        begun = time.process_time()
        job = parts.job(mapped, plan)
        fit = fit_detection(job)
        rows.append((name, *parts.judged(mapped, fit),
                     time.process_time() - begun))  # fmt: skip
        if plan is usual:
            rows += _assigners(parts, mapped, job)
            layers = TrainedLayers(
                DEFAULT_BACKBONE, plan.height, plan.width, plan.cuts[-2], plan.cuts[-1:]
            )
            recipe = replace(job.recipe, steps=TUNED_STEPS)
            begun = time.process_time()
            tuned = fit_detection(replace(job, layers=layers, start=fit.weights, recipe=recipe))
            rows.append((f"then last layers, {TUNED_STEPS} steps",
                         *parts.judged(mapped, tuned),
                         time.process_time() - begun))  # fmt: skip
    heads = ("choice", "AP50", "AP50:95", "processor s")
    record.table(f"Playing cards: one fit of {STEPS} steps, test part", heads, rows)


def _assigners(parts: Parts, mapped: MappedImages, job: DetectionJob) -> list[tuple[Any, ...]]:
    """The same fit with other rules for which cells learn which object."""
    rows = []
    for name, objective in ASSIGNERS.items():
        begun = time.process_time()
        with assigning_by(objective):
            fit = fit_detection(job)
        seconds = time.process_time() - begun
        rows.append((f"assigned by {name}", *parts.judged(mapped, fit), seconds))
    return rows


def _against_full(record: Record) -> None:
    made = [scenes(n, seed=seed) for n, seed in ((120, 100), (80, 200))]
    train_part, test_part = (
        annotated([s.image for s in some], [s.boxes for s in some], split="train") for some in made
    )
    parts = Parts.of(train_part, test_part)
    plan = replace(parts.plan(), steps=STEPS, views=4)
    begun = time.process_time()
    mapped = map_images(parts.data, plan, name=DEFAULT_BACKBONE, keep=False)
    job = parts.job(mapped, plan)
    fit = fit_detection(job)
    frozen_seconds = time.process_time() - begun
    frozen = parts.judged(mapped, fit)
    begun = time.process_time()
    whole, seconds = _full(parts, mapped, job, fit.weights)
    rows = [
        ("frozen network, head", *frozen, frozen_seconds),
        ("whole network from pixels, from that head", *whole, seconds),
    ]
    heads = ("trained", "AP50", "AP50:95", "processor s")
    record.table("Composed scenes: 120 to train on, 80 others", heads, rows)
    record.target("frozen: share of the whole network's AP50", frozen[0] / whole[0], least=0.85)
    record.target("frozen: share of its time", frozen_seconds / seconds, most=0.2)
    _one_image(record, mapped, plan, fit.weights)


def _full(
    parts: Parts, mapped: MappedImages, job: DetectionJob, start: dict[str, Any]
) -> tuple[tuple[float, float], float]:
    """AP of the whole network trained, and its seconds; the head starts where the frozen one is."""
    begun = time.process_time()
    layers = TrainedLayers(
        DEFAULT_BACKBONE,
        mapped.framing.height,
        mapped.framing.width,
        None,
        mapped.names,
        learning_rate=WHOLE_RATE,
    )
    recipe = replace(job.recipe, steps=FULL_STEPS)
    fit = fit_detection(
        replace(job, layers=layers, pixels=decoded_views(mapped), start=start, recipe=recipe)
    )
    return parts.judged(mapped, fit), time.process_time() - begun


def _one_image(
    record: Record, mapped: MappedImages, plan: DetectionPlan, weights: dict[str, Any]
) -> None:
    """Milliseconds of one image in the graph of the saved model, at 416 × 416 pixels."""
    from topwork.backbones import resolve
    from topwork.backbones.engines import graph_of
    from topwork.backbones.resized import resized
    from topwork.heads.detection.layout import DetectionLayout
    from topwork.model.detection.graph import with_detection_head

    del mapped
    backbone = resized(resolve(DEFAULT_BACKBONE), 416)
    graph = graph_of(backbone, cut=plan.cuts[0], also=plan.cuts[1:], folder=None)
    layout = DetectionLayout(416, 416, plan.strides)
    engine = OpenVINOEngine(with_detection_head(graph.read(), weights, layout), batch=1)
    image = np.random.default_rng(0).integers(0, 255, (1, 416, 416, 3), np.uint8)
    times = []
    for i in range(60):
        begun = time.perf_counter()
        list(engine.run([(i, image)]))
        times.append(1000 * (time.perf_counter() - begun))
    record.target("ms, one image of 416 pixels through the graph", float(np.median(times[10:])),
                  most=40)  # fmt: skip


if __name__ == "__main__":
    main()
