"""The evidence of a fit as a model that can be saved."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from topwork.backbones import TokenInput
from topwork.backbones.engines.int8 import INT8
from topwork.backbones.sources.tfidf import TFIDF
from topwork.data import UNDECIDED
from topwork.features.hashed_words import hashed_words
from topwork.inductive.head_assembly import card_of
from topwork.installation import installed_versions
from topwork.model import Card, Model, Parts, TrainingStatistics, summarise
from topwork.model.card import without_tokenizer
from topwork.model.graph import fuse
from topwork.report import model_card, render
from topwork.reporting.fit_artifacts import FitArtifacts
from topwork.reporting.fit_report import contents_hash, report_content
from topwork.reporting.result import FitResult
from topwork.settings import FitSettings
from topwork.trials.trial import targets_of


def assemble(
    artifacts: FitArtifacts, settings: FitSettings, result: FitResult, title: str
) -> Model:
    """The trial that was chosen, with its calibration and its report, as a model."""
    frozen, head = artifacts.chosen.frozen, artifacts.chosen.head
    opened, targets = frozen.opened, targets_of(frozen)
    calibrated = artifacts.calibrated
    spec = opened.backbone.input
    card = Card(
        kind=frozen.data.kind.name,
        backbone=opened.backbone.name,
        backbone_fingerprint=opened.backbone.fingerprint,
        cut=opened.cut,
        strategy=artifacts.chosen.candidate.strategy,
        head=head.head,
        input=replace(spec, tokenizer="") if isinstance(spec, TokenInput) else spec,
        framing=without_tokenizer(opened.preparation),
        appearance=frozen.data.kind.appearance or UNDECIDED,
        columns=dict(frozen.data.columns),
        **card_of(artifacts.chosen.beside),
        labels=list(targets.labels),
        temperature=calibrated.temperature.value,
        sets=calibrated.sets,
        threshold=artifacts.costs.threshold if artifacts.costs else None,
        unknown_threshold=calibrated.detector.used_threshold,
        false_alarm_rate=calibrated.detector.false_alarm_rate,
        faithful=opened.graph.faithful,
        int8=opened.engine.precision.startswith(INT8),
        started_from=artifacts.continual_part.started_from if artifacts.continual_part else None,
    )
    content = report_content(artifacts, result, title)
    keys = frozen.extraction.keys
    parts = Parts(
        card=card,
        head=head.linear,
        beside=artifacts.chosen.beside,
        graph=fuse(opened.graph.read(), head.linear),
        weights=opened.graph.weights,
        statistics=_statistics(artifacts, settings),
        space=calibrated.detector.space,
        facts=_facts(keys, result),
        pages={"report.html": render(content), "README.md": model_card(content)},
        tokenizer=spec.tokenizer if isinstance(spec, TokenInput) else "",
    )
    return Model(parts, engine=settings.engine, keep=opened.graph)


def _statistics(artifacts: FitArtifacts, settings: FitSettings) -> TrainingStatistics:
    """What the model stores; where it continues another, what that one does, too."""
    if artifacts.continual_part is not None:
        return artifacts.continual_part.statistics
    frozen = artifacts.chosen.frozen
    targets = targets_of(frozen)
    return summarise(
        frozen.features,
        targets.codes,
        len(targets.labels),
        frozen.extraction.keys,
        groups=artifacts.groups,
        seed=settings.seed,
        logits=artifacts.chosen.head.logits_oof,
        sketches=artifacts.sketches,
        hashed=partial(hashed_words, frozen.data) if frozen.opened.backbone.name == TFIDF else None,
    )


def _facts(keys: list[bytes], result: FitResult) -> dict[str, Any]:
    return {
        "data": {
            "n_items": result.n_items,
            "n_classes": result.n_classes,
            "contents": contents_hash(keys),
        },
        "scores": result.scores.model_dump() if result.scores else None,
        **{k: v for k, v in installed_versions().items() if k in ("timm", "torch")},
    }
