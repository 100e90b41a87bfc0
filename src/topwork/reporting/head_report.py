"""The evidence of a fit of a head on stored features as a report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic

import numpy as np

from topwork.data import MODALITIES
from topwork.data.texts.truncated import truncated
from topwork.installation import installed_versions
from topwork.metrics import Score
from topwork.metrics.intervals import Units
from topwork.report import (
    Fact,
    Method,
    ReportContent,
    Strategies,
    Summary,
    Tried,
    reported_metrics,
)
from topwork.report.reported_metrics import Kind
from topwork.reporting.data_section import data_section
from topwork.reporting.fit_report import contents_hash
from topwork.reporting.head_evidence import HeadEvidence
from topwork.reporting.head_result import HeadFitResult, ScoresT
from topwork.runtime.counted import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadWords(Generic[ScoresT]):
    """What the report says of one task, where it differs from those of others.

    Parameters
    ----------
    subtitle
        What was learnt from.
    headline
        The key of the score that is written large.
    how_good, how_sure
        One or two sentences each.
    metric, kind, compared
        The score by which candidates are shown: its name, on which scale it is, and which it is.
    warnings
        What must be read before the numbers are used.
    paragraphs
        How it was measured.
    facts
        In numbers.
    head
        What the head is.
    """

    subtitle: str
    headline: str
    how_good: str
    how_sure: str
    metric: str
    kind: Kind = "share"
    compared: Callable[[ScoresT], Score | None]
    warnings: tuple[str, ...] = ()
    paragraphs: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    head: str


def head_report(
    evidence: HeadEvidence[Any, Any, Any],
    result: HeadFitResult[ScoresT, Any],
    title: str,
    words: HeadWords[ScoresT],
    **sections: Any,
) -> ReportContent:
    """Everything that the fit can tell, in the report's own records.

    Parameters
    ----------
    sections
        Of the report, those that only this task has.
    """
    return ReportContent(
        kind=result.modality,
        task=result.task,
        title=title,
        subtitle=words.subtitle,
        notice=evidence.transfer.frozen.data.notice,
        summary=_summary(result, words),
        metrics=reported_metrics(result.scores),
        strategies=_strategies(result, words),
        data=data_section(evidence.findings, evidence.transfer.frozen.data),
        method=_method(evidence, result, words),
        **sections,
    )


def _summary(result: HeadFitResult[ScoresT, Any], words: HeadWords[ScoresT]) -> Summary:
    metrics = reported_metrics(result.scores)
    warnings = [remark.sentence for remark in result.remarks]
    warnings.extend(words.warnings)
    if result.rejected:
        warnings.append(f"{counted(len(result.rejected), result.modality)} could not be read.")
    if result.cut_short:
        warnings.append(f"{truncated(result.cut_short)}.")
    return Summary(
        headline=next((m for m in metrics if m.key == words.headline), None),
        how_good=words.how_good,
        how_sure=words.how_sure,
        transfer=" ".join(
            sentence
            for sentence in (
                result.columns.sentence if result.columns else "",
                result.choice.reason if result.choice else "",
            )
            if sentence
        ),
        next_steps=(
            f"Evaluate it on {result.modality}s from another day or "
            f"{MODALITIES[result.modality].words.origin} with topwork evaluate.",
        ),
        warnings=tuple(warnings),
    )


def _strategies(result: HeadFitResult[ScoresT, Any], words: HeadWords[ScoresT]) -> Strategies:
    return Strategies(
        tried=tuple(
            Tried(
                name=one.name,
                score=words.compared(one.scores),
                seconds=one.seconds,
                chosen=one.chosen,
                baseline=one.baseline,
            )
            for one in result.tried
        ),
        metric=words.metric,
        kind=words.kind,
        note=result.choice.reason if result.choice else "",
    )


def _method(
    evidence: HeadEvidence[Any, Any, Any],
    result: HeadFitResult[ScoresT, Any],
    words: HeadWords[ScoresT],
) -> Method:
    items, keys = f"{result.modality}s", evidence.transfer.frozen.extraction.keys
    units = Units.of(len(evidence.groups), evidence.groups)
    return Method(
        paragraphs=(
            *words.paragraphs,
            f"Intervals hold for other {items} of this kind. They say nothing about another "
            f"{MODALITIES[result.modality].words.origin} or season.",
        ),
        facts=(
            Fact(name=items, value=str(result.n_items)),
            Fact(name="independent units", value=str(units.count)),
            *words.facts,
            Fact(name="folds", value=str(len(np.unique(evidence.folds)))),
            Fact(name="backbone", value=result.backbone),
            Fact(name="head", value=words.head),
            Fact(name="engine", value=f"{result.engine}, {result.precision}"),
        ),
        versions=tuple(Fact(name=k, value=v) for k, v in installed_versions().items()),
        hashes=(Fact(name=f"contents of the {items}", value=contents_hash(keys)),),
    )
