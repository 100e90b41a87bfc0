"""The evidence of a fit of several labels as a model that can be saved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from topwork.backbones import TokenInput
from topwork.backbones.sources.tfidf import TFIDF
from topwork.data import UNDECIDED
from topwork.features.hashed_words import hashed_words
from topwork.installation import installed_versions
from topwork.model import LabelsCard, LabelsModel, LabelsParts, TrainingLabels
from topwork.model.card import without_tokenizer
from topwork.model.graph import fuse
from topwork.model.statistics import key_rows, rehearsal_rows
from topwork.report import model_card, render
from topwork.reporting.fit_report import contents_hash
from topwork.reporting.labels.evidence import LabelsEvidence
from topwork.reporting.labels.report import labels_report
from topwork.reporting.labels.result import LabelsFitResult
from topwork.settings import FitSettings
from topwork.tasks.labels.task import LABELS


def assemble_labels(
    artifacts: LabelsEvidence, settings: FitSettings, result: LabelsFitResult, title: str
) -> LabelsModel:
    """The selected candidate, with its thresholds and its report, as a model."""
    made = artifacts.made
    opened, data = made.frozen.opened, made.frozen.data
    spec = opened.backbone.input
    card = LabelsCard(
        kind=data.kind.name,
        backbone=opened.backbone.name,
        backbone_fingerprint=opened.backbone.fingerprint,
        cut=opened.cut,
        head=result.head,
        input=replace(spec, tokenizer="") if isinstance(spec, TokenInput) else spec,
        framing=without_tokenizer(opened.preparation),
        appearance=data.kind.appearance or UNDECIDED,
        columns=dict(data.columns),
        labels=result.labels,
        thresholds=[float(threshold) for threshold in artifacts.thresholds],
        miss=artifacts.miss,
        faithful=opened.graph.faithful,
    )
    content = labels_report(artifacts, result, title)
    keys = made.frozen.extraction.keys
    parts = LabelsParts(
        card=card,
        head=made.head,
        graph=fuse(opened.graph.read(), made.head),
        weights=opened.graph.weights,
        training=_training(artifacts, settings),
        facts={
            "data": {"n_items": result.n_items, "contents": contents_hash(keys)},
            "scores": result.scores.model_dump(mode="json"),
            **{k: v for k, v in installed_versions().items() if k in ("timm", "torch")},
        },
        pages={"report.html": render(content), "README.md": model_card(content)},
        tokenizer=spec.tokenizer if isinstance(spec, TokenInput) else "",
    )
    return LabelsModel(parts, engine=settings.engine, keep=opened.graph)


def _training(artifacts: LabelsEvidence, settings: FitSettings) -> TrainingLabels:
    targets, sketches = artifacts.targets, artifacts.sketches
    codes, frozen = LABELS.strata(targets), artifacts.made.frozen
    rows = rehearsal_rows(codes, len(targets.labels) + 1, settings.seed)
    made_of_items = frozen.opened.backbone.name == TFIDF
    known = hashed_words(frozen.data, rows) if made_of_items else frozen.features[rows]
    groups = artifacts.groups.astype(np.int32)
    return TrainingLabels(
        presence=np.ascontiguousarray(targets.presence, np.int8),
        codes=codes.astype(np.int32),
        groups=groups,
        keys=key_rows(artifacts.transfer.frozen.extraction.keys),
        sketches=np.empty((0, 99), np.int8) if sketches is None else sketches,
        rehearsal=known.astype(np.float16),
        rehearsal_codes=codes[rows].astype(np.int32),
        rehearsal_groups=groups[rows],
    )
