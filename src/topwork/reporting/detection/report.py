"""The evidence of a fit of boxes as a report."""

from __future__ import annotations

import numpy as np

from topwork.data import MODALITIES
from topwork.installation import installed_versions
from topwork.metrics import Score
from topwork.metrics.intervals import Units
from topwork.report import Fact, Method, ReportContent, Summary, reported_metrics
from topwork.report.strategies import Strategies, Tried
from topwork.reporting.data_section import data_section
from topwork.reporting.detection.evidence import DetectionEvidence
from topwork.reporting.detection.result import DetectionFitResult
from topwork.reporting.detection.section import objects_section
from topwork.reporting.detection.sentences import how_good, how_sure
from topwork.reporting.fit_report import contents_hash
from topwork.runtime.counted import counted


def detection_report(
    evidence: DetectionEvidence, result: DetectionFitResult, title: str
) -> ReportContent:
    """Everything that the fit can tell, in the report's own records."""
    return ReportContent(
        kind=result.modality,
        task="boxes",
        title=title,
        subtitle=f"{counted(result.n_objects, 'object')} of "
        f"{counted(result.n_classes, 'class', 'classes')} in "
        f"{counted(result.n_items, 'image')}",
        notice=evidence.mapped.data.notice,
        summary=_summary(result),
        metrics=reported_metrics(result.scores),
        strategies=_strategies(result),
        objects=objects_section(
            evidence.judged(),
            result.per_class,
            result.at_threshold,
            result.errors,
            judged_on="images held out",
            promised=result.promised,
        ),
        data=data_section(evidence.findings, evidence.mapped.data),
        method=_method(evidence, result),
    )


def _summary(result: DetectionFitResult) -> Summary:
    ap50 = result.scores.ap50
    headline = next(m for m in reported_metrics(result.scores) if m.key == "ap50")
    return Summary(
        headline=headline,
        how_good=how_good(ap50, result.at_threshold),
        how_sure=how_sure(ap50),
        transfer=result.transfer.sentence if result.transfer else "",
        next_steps=(
            "Evaluate it on images from another day or "
            f"{MODALITIES[result.modality].words.origin} with topwork evaluate.",
        ),
        warnings=tuple(remark.sentence for remark in result.remarks),
    )


def _strategies(result: DetectionFitResult) -> Strategies | None:
    if len(result.tried) < 2:
        return None
    most = max(t.n_items for t in result.tried)
    return Strategies(
        tried=tuple(
            Tried(
                name=t.name,
                score=Score(value=t.ap50, low=t.low, high=t.high),
                seconds=t.seconds,
                verdict="" if t.n_items == most else f"on {t.n_items} of the images",
                chosen=t.chosen,
                baseline=t.baseline,
            )
            for t in result.tried
        ),
        metric="average precision at half overlap",
        note=result.choice.reason if result.choice else "",
        details=tuple(
            f"Not tried: {rung.name} ({rung.reason})." for rung in result.ladder if not rung.tried
        ),
    )


_OWN_QUERIES = (
    "The pretrained detector was fine-tuned as a whole, with its own encoder, queries and loss of "
    "sets; its class layer is new. It learnt from {views} views of each image."
)

_TRAINED = {
    "probe": "a head was",
    "partial": "a head and the last layers were",
    "full": "the whole network was",
}
"""What was done for each fold, by strategy."""

_VIEWS = (
    "The frozen part of the network ran once over {views} views of each image; training goes on "
    "from its stored maps.",
    "A head was trained on the maps that the pretrained network gives for {views} views of each "
    "image; from there on the whole network was trained on the pixels of these views.",
)
"""Where training begins; the second of whole networks."""


def _method(evidence: DetectionEvidence, result: DetectionFitResult) -> Method:
    n_folds = len(np.unique(evidence.folds))
    units = Units.of(len(evidence.groups), evidence.groups)
    seen = result.input
    trained = "a whole pretrained detector was" if seen.by_queries else _TRAINED[result.strategy]
    views = _OWN_QUERIES if seen.by_queries else _VIEWS[result.strategy == "full"]
    return Method(
        paragraphs=(
            f"The images were split into {n_folds} folds that hold rare classes alike; copies of "
            "one image and the groups that were given stay together. For each fold "
            f"{trained} trained on the others, and evaluated on the fold. The detector that was "
            "saved was trained on all images in the same way. The input size, the second look and "
            "the threshold were chosen on the same images, so that the numbers at the threshold "
            "are slightly optimistic.",
            views.format(views=seen.views),
            "Average precision is COCO's, with 101 points of recall. A box is right where it "
            "overlaps an object of its class by an intersection over union of at least one half.",
            "Intervals hold for other images of this kind. They say nothing about another "
            f"{MODALITIES[result.modality].words.origin} or season.",
        ),
        facts=(
            Fact(name="images", value=str(result.n_items)),
            Fact(name="images without objects", value=str(result.n_negatives)),
            Fact(name="independent units", value=str(units.count)),
            Fact(name="folds", value=str(n_folds)),
            Fact(name="backbone", value=result.backbone),
            Fact(name="strategy", value=result.strategy),
            Fact(name="input", value=f"{seen.width} × {seen.height} px"),
            Fact(name="tiles", value=f"{seen.tiles} × {seen.tiles}" if seen.tiles > 1 else "none"),
            Fact(name="strides", value=", ".join(str(s) for s in seen.strides) or "none"),
            Fact(name="steps per fit", value=str(seen.steps)),
            Fact(name="engine", value=f"{result.engine}, {result.precision}"),
        ),
        versions=tuple(Fact(name=k, value=v) for k, v in installed_versions().items()),
        hashes=(
            Fact(
                name="contents of the images", value=contents_hash(evidence.mapped.extraction.keys)
            ),
        ),
    )
