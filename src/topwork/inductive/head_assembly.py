"""The evidence of a fit of a head on stored features as the parts of a model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Generic

import numpy as np

from topwork.backbones import TokenInput
from topwork.backbones.sources.tfidf import TFIDF
from topwork.data import UNDECIDED
from topwork.features.columns.beside import BesideHead
from topwork.features.hashed_words import hashed_words
from topwork.installation import installed_versions
from topwork.model.card import without_tokenizer
from topwork.model.graph import fuse
from topwork.model.statistics import key_rows, rehearsal_rows
from topwork.report import ReportContent, model_card, render
from topwork.reporting.fit_report import contents_hash
from topwork.reporting.head_evidence import FinishedT, HeadEvidence
from topwork.reporting.head_result import HeadFitResult
from topwork.settings import FitSettings
from topwork.settings.choices import EngineName
from topwork.tasks.registry import strata_of


@dataclass(frozen=True, slots=True)
class AssembledHead(Generic[FinishedT]):
    """What models of every task are made of.

    Parameters
    ----------
    made
        The selected candidate on all items.
    targets
        Of the n training items.
    card, training, parts
        Fields of the card, of what the model stores of its training items, and of its parts.
    engine, keep
        What runs the model, and what has to live as long as it.
    """

    made: FinishedT
    targets: Any
    card: dict[str, Any]
    training: dict[str, Any]
    parts: dict[str, Any]
    engine: EngineName
    keep: object


def assemble_head(
    evidence: HeadEvidence[Any, Any, FinishedT],
    settings: FitSettings,
    result: HeadFitResult[Any, Any],
    content: ReportContent,
) -> AssembledHead[FinishedT]:
    """The selected candidate, with its training items and its report, as parts of a model."""
    made = evidence.made
    opened, data = made.frozen.opened, made.frozen.data
    spec = opened.backbone.input
    versions = {k: v for k, v in installed_versions().items() if k in ("timm", "torch")}
    contents = contents_hash(made.frozen.extraction.keys)
    return AssembledHead(
        made,
        data.targets,
        card={
            "kind": data.kind.name,
            "backbone": opened.backbone.name,
            "backbone_fingerprint": opened.backbone.fingerprint,
            "cut": opened.cut,
            "head": result.head,
            "input": replace(spec, tokenizer="") if isinstance(spec, TokenInput) else spec,
            "framing": without_tokenizer(opened.preparation),
            "appearance": data.kind.appearance or UNDECIDED,
            "columns": dict(data.columns),
            **card_of(made.beside),
            "faithful": opened.graph.faithful,
        },
        training=_training(evidence, settings),
        parts={
            "head": made.head,
            "beside": made.beside,
            "graph": fuse(opened.graph.read(), made.head),
            "weights": opened.graph.weights,
            "facts": {
                "data": {"n_items": result.n_items, "contents": contents},
                "scores": result.scores.model_dump(mode="json"),
                **versions,
            },
            "pages": {"report.html": render(content), "README.md": model_card(content)},
            "tokenizer": spec.tokenizer if isinstance(spec, TokenInput) else "",
        },
        engine=settings.engine,
        keep=opened.graph,
    )


def card_of(beside: BesideHead | None) -> dict[str, Any]:
    """Fields of the card that say what is learnt from beside the items."""
    if beside is None:
        return {}
    images = beside.images
    return {
        "beside": beside.encoding,
        "images": () if images is None else images.names,
        "several_images": images is not None and images.pooled,
    }


def _training(evidence: HeadEvidence[Any, Any, Any], settings: FitSettings) -> dict[str, Any]:
    frozen, sketches = evidence.made.frozen, evidence.sketches
    codes = strata_of(frozen.data)
    rows = rehearsal_rows(codes, int(codes.max()) + 1, settings.seed)
    made_of_items = frozen.opened.backbone.name == TFIDF
    known = hashed_words(frozen.data, rows) if made_of_items else frozen.features[rows]
    groups = evidence.groups.astype(np.int32)
    return {
        "codes": codes.astype(np.int32),
        "groups": groups,
        "keys": key_rows(frozen.extraction.keys),
        "sketches": np.empty((0, 99), np.int8) if sketches is None else sketches,
        "rehearsal": known.astype(np.float16),
        "rehearsal_codes": codes[rows].astype(np.int32),
        "rehearsal_groups": groups[rows],
    }
