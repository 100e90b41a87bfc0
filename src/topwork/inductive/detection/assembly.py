"""The evidence of a fit of boxes as a model that can be saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import Backbone
from topwork.backbones.engines import Graph, graph_of
from topwork.backbones.with_weights import with_weights
from topwork.data import UNDECIDED
from topwork.features import Activations
from topwork.features.encoding import decode
from topwork.heads.detection.regions import pooled
from topwork.installation import installed_versions
from topwork.model.card import CropInput, DetectorCard, NetworkCard, QueryDetectorCard
from topwork.model.detection.graph import with_crop_network
from topwork.model.detection.model import DetectorModel
from topwork.model.parts import BoxParts, DetectorParts, QueryParts
from topwork.model.statistics import key_rows
from topwork.model.training_items import POOLED_ROWS, TrainingImages
from topwork.report import model_card, render
from topwork.reporting.detection.evidence import DetectionEvidence
from topwork.reporting.detection.report import detection_report
from topwork.reporting.detection.result import DetectionFitResult
from topwork.reporting.fit_report import contents_hash
from topwork.settings import FitSettings
from topwork.trials.detection.trial import DetectorTrial, HeadTrial, QueryTrial


def assemble_detector(
    evidence: DetectionEvidence, settings: FitSettings, result: DetectionFitResult, title: str
) -> DetectorModel:
    """The detector on all images, with its calibration and its report, as a model."""
    mapped, crops = evidence.mapped, evidence.crops
    probability = evidence.thresholded.probability
    made = _ASSEMBLED[type(evidence.chosen)](evidence.chosen)
    graph = made.graph
    whole, seen_again = graph.read(), None
    if probability.looks_at == "crops":
        whole = with_crop_network(whole, crops.graph.read())
        seen_again = CropInput(framing=crops.framing, width=crops.graph.shape[0])
    card = made.card(
        kind=mapped.data.kind.name,
        strategy=evidence.chosen.strategy,
        framing=mapped.framing,
        appearance=mapped.data.kind.appearance or UNDECIDED,
        labels=list(mapped.data.boxes.labels),
        calibration=probability.calibration,
        threshold=evidence.threshold,
        crops=seen_again,
    )
    content = detection_report(evidence, result, title)
    keys = mapped.extraction.keys
    parts = made.parts(
        card=card,
        look=probability.look,
        graph=whole,
        weights=graph.weights,
        training=_training(evidence, settings.seed, made.width),
        facts={
            "data": {"n_items": result.n_items, "contents": contents_hash(keys)},
            "scores": result.scores.model_dump(mode="json"),
            **{k: v for k, v in installed_versions().items() if k in ("timm", "torch")},
        },
        pages={"report.html": render(content), "README.md": model_card(content)},
    )
    return DetectorModel(parts, engine=settings.engine, keep=(graph, crops.graph, mapped.temporary))


@dataclass(frozen=True, eq=False, slots=True)
class _Assembled:
    """What a form of detector brings into a bundle.

    Parameters
    ----------
    graph
        Its network.
    width
        Channels of the map whose means tell what images look like to it.
    card, parts
        Make its own, of what detectors of every form have besides.
    """

    graph: Graph
    width: int
    card: Callable[..., NetworkCard]
    parts: Callable[..., BoxParts]


def _with_head(trial: HeadTrial) -> _Assembled:
    mapped, plan = trial.mapped, trial.fitted.plan
    backbone, graph = _network(trial)
    card = partial(
        DetectorCard,
        backbone=backbone.name,
        backbone_fingerprint=backbone.fingerprint,
        cut="+".join(mapped.names),
        head="detection",
        input=backbone.images,
        maps=tuple((c, h, w) for c, h, w in graph.shapes),
        strides=plan.strides,
        width=plan.channels,
        tiles=plan.tiles,
    )
    parts = partial(DetectorParts, head=trial.fitted.final.weights)
    return _Assembled(graph, graph.shape[0], card, parts)


def _with_queries(trial: QueryTrial) -> _Assembled:
    own = trial.saved
    (n_queries, _), _, (width, _, _) = own.graph.shapes
    card = partial(
        QueryDetectorCard,
        backbone=own.name,
        backbone_fingerprint=own.fingerprint,
        cut="boxes",
        head="queries",
        input=own.spec,
        n_queries=n_queries,
        width=width,
    )
    return _Assembled(own.graph, width, card, QueryParts)


_ASSEMBLED: Mapping[type[DetectorTrial], Callable[[Any], _Assembled]] = {
    HeadTrial: _with_head,
    QueryTrial: _with_queries,
}
"""How the detector of each form of trial is saved."""


def _network(trial: HeadTrial) -> tuple[Backbone, Graph]:
    """The frozen network, or the one whose last layers were trained."""
    mapped, layers = trial.mapped, trial.fitted.final.layers
    if not layers:
        return mapped.backbone, mapped.graph
    import torch

    tensors = {name: torch.from_numpy(value) for name, value in layers.items()}
    tuned = with_weights(mapped.backbone, tensors)
    first, *others = mapped.names
    return tuned, graph_of(tuned, cut=first, folder=None, also=tuple(others))


def _training(evidence: DetectionEvidence, seed: int, width: int) -> TrainingImages:
    sketches = evidence.survey.sketches
    finest, n = evidence.mapped.cuts[0], len(evidence.groups)
    rows = np.sort(np.random.default_rng(seed).permutation(n)[:POOLED_ROWS])
    if not evidence.chosen.keeps_maps:
        rows, pooled_means = rows[:0], np.empty((0, width), np.float32)
    else:
        pooled_means = pooled_rows(finest, rows)
    return TrainingImages(
        codes=evidence.strata.astype(np.int32),
        groups=evidence.groups.astype(np.int32),
        keys=key_rows(evidence.mapped.extraction.keys),
        sketches=np.empty((0, 99), np.int8) if sketches is None else sketches,
        pooled=pooled_means,
        pooled_groups=evidence.groups[rows].astype(np.int32),
    )


def pooled_rows(maps: Activations, rows: NDArray[np.intp]) -> NDArray[np.float32]:
    """The mean of each channel of some images' plain view, ``(r, c)``."""
    means = [
        pooled(decode(maps.take(part, np.zeros_like(part))))
        for part in np.array_split(rows, max(1, len(rows) // _AT_ONCE))
    ]
    return np.concatenate(means).astype(np.float32)


_AT_ONCE = 32
