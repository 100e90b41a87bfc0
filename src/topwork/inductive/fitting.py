"""From labelled items to a judged model: features once, a head on top, an honest number."""

from __future__ import annotations

import hashlib
import importlib.metadata
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from topwork.data import Dataset
from topwork.errors import DataError
from topwork.evaluation import JudgedHead, Judgement, cross_validate_head, judge
from topwork.features import Progress, silent
from topwork.heads import stratified_folds
from topwork.inductive.frozen import FrozenPart, frozen_part
from topwork.inductive.result import FeatureCounts, FitResult, Seconds
from topwork.inductive.settings import FitSettings
from topwork.model import Card, Model, Parts, RejectedRecord, check_target, summarise
from topwork.model.graph import fuse

Steps = Callable[[str], Progress]
"""Gives, for the name of a step, the function that its progress is told to."""


def no_steps(name: str) -> Progress:  # noqa: ARG001
    """Shows no progress."""
    return silent


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model, and what is known of it."""

    model: Model
    result: FitResult


def fit(
    data: Dataset,
    settings: FitSettings | None = None,
    *,
    steps: Steps = no_steps,
    save_to: Path | None = None,
    read_seconds: float = 0.0,
) -> Fitted:
    """Fit a model on labelled items, judge it, and save it if ``save_to`` is given.

    Parameters
    ----------
    steps
        Where progress goes.
    read_seconds
        What finding the items took, for the record.

    Raises
    ------
    DataError
        The items have no labels or one label only, or too many can't be read.
    BundleError
        ``save_to`` holds something that isn't a model.
    """
    settings = settings or FitSettings()
    begun = time.monotonic()
    _check_labels(data)
    if save_to is not None:
        check_target(save_to)
    frozen = frozen_part(data, settings, steps("Features"))
    _check_labels(frozen.data)
    featured = time.monotonic()
    head = _judged_head(frozen, settings, steps("Head and folds"))
    verdict = _verdict(frozen, head)
    judged = time.monotonic()
    seconds = Seconds(
        read=read_seconds,
        features=featured - begun,
        head=head.seconds,
        judge=judged - featured - head.seconds,
        total=read_seconds + judged - begun,
    )
    result = _result(frozen, head, verdict, seconds)
    model = _model(frozen, head, settings, result)
    if save_to is not None:
        model.save(save_to)
        total = read_seconds + time.monotonic() - begun
        result = result.model_copy(
            update={
                "model": str(save_to),
                "seconds": seconds.model_copy(update={"total": total}),
            }
        )
    return Fitted(model, result)


def _check_labels(data: Dataset) -> None:
    if data.targets is None:
        raise DataError(
            "These items have no labels.",
            remedy="Put the images of each class in a folder of its own, or give a table with "
            "the columns path and label.",
            code="no_labels",
        )
    present = np.unique(data.targets.codes)
    if len(present) < 2:
        only = f" ({data.targets.labels[present[0]]})" if len(present) else ""
        raise DataError(
            f"All {len(data)} items have the same label{only}.",
            remedy="A classifier needs at least two classes; add images of another one.",
            code="one_class",
        )


def _judged_head(frozen: FrozenPart, settings: FitSettings, progress: Progress) -> JudgedHead:
    targets = frozen.data.targets
    assert targets is not None
    folds = stratified_folds(
        targets.codes, n_folds=settings.n_folds, groups=frozen.data.groups, seed=settings.seed
    )
    return cross_validate_head(
        frozen.features,
        targets.codes,
        len(targets.labels),
        folds=folds,
        class_weight=settings.class_weight,
        progress=progress,
    )


def _verdict(frozen: FrozenPart, head: JudgedHead) -> Judgement | None:
    targets = frozen.data.targets
    assert targets is not None
    if np.bincount(targets.codes).max() < 2:
        return None
    return judge(
        targets.codes,
        head.probabilities_oof,
        [str(label) for label in targets.labels],
        groups=frozen.data.groups,
    )


def _model(frozen: FrozenPart, head: JudgedHead, settings: FitSettings, result: FitResult) -> Model:
    backbone, targets = frozen.backbone, frozen.data.targets
    assert targets is not None
    card = Card(
        backbone=backbone.name,
        backbone_fingerprint=backbone.fingerprint,
        cut=frozen.cut,
        head=head.head,
        input=backbone.input,
        framing=frozen.framing,
        labels=list(targets.labels),
        faithful=frozen.graph.faithful,
    )
    keys = frozen.extraction.keys
    parts = Parts(
        card=card,
        head=head.linear,
        graph=fuse(frozen.graph.read(), head.linear),
        weights=frozen.graph.weights,
        statistics=summarise(
            frozen.features, targets.codes, len(targets.labels), keys, settings.seed
        ),
        facts=_facts(frozen, result),
    )
    return Model(parts, engine=settings.engine, keep=frozen.graph)


def _facts(frozen: FrozenPart, result: FitResult) -> dict[str, Any]:
    contents = hashlib.sha256(b"".join(sorted(frozen.extraction.keys))).hexdigest()
    return {
        "data": {"n_items": result.n_items, "n_classes": result.n_classes, "contents": contents},
        "scores": result.scores.model_dump() if result.scores else None,
        "timm": importlib.metadata.version("timm"),
        "torch": importlib.metadata.version("torch"),
    }


def _result(
    frozen: FrozenPart, head: JudgedHead, verdict: Judgement | None, seconds: Seconds
) -> FitResult:
    extraction, targets = frozen.extraction, frozen.data.targets
    assert targets is not None
    n_seen = len(extraction.kept) + len(extraction.rejected)
    return FitResult(
        model=None,
        backbone=frozen.backbone.name,
        strategy="probe",
        head=head.head,
        engine=frozen.engine.name,
        precision=frozen.engine.precision,
        n_items=len(frozen.data),
        n_classes=len(targets.labels),
        rejected=[RejectedRecord(path=r.path, reason=r.reason) for r in extraction.rejected],
        features=FeatureCounts(computed=extraction.computed, cached=extraction.cached),
        scores=verdict.scores if verdict else None,
        per_class=list(verdict.per_class) if verdict else [],
        seconds=seconds,
        images_per_second=n_seen / max(extraction.seconds, 1e-9),
    )
