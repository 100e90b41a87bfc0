"""The page of an evaluation of a model whose head predicts something else than classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from topwork.data import Dataset
from topwork.model.evaluation.judged_data import JudgedData
from topwork.report import ReportContent, Summary, render, reported_metrics
from topwork.report.failures import Failures, WrongItem
from topwork.report.shown import Shown
from topwork.runtime.counted import counted
from topwork.settings.choices import TaskName

MAX_SHOWN = 24
"""Errors that are shown with their image or text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedWords:
    """What the page says of one task, where it differs from those of others.

    Parameters
    ----------
    headline
        The key of the score that is written large.
    how_good, how_sure
        One or two sentences each.
    errors
        Name, true target and prediction of the items with the largest errors, as people read them.
    sections
        Of the page, those that only this task has.
    """

    headline: str
    how_good: str
    how_sure: str = ""
    errors: tuple[tuple[str, str, str], ...] = ()
    sections: dict[str, Any] = field(default_factory=dict)


def evaluated_head_page(
    found: JudgedData,
    scores: Any,
    words: EvaluatedWords,
    data: Dataset,
    *,
    task: TaskName,
    title: str,
) -> str:
    """One HTML page of how a model does on other data.

    Parameters
    ----------
    scores
        Of the evaluation.
    data
        What it was judged on, to show errors from.
    """
    metrics = reported_metrics(scores)
    shift = getattr(found, "shift", None)
    sure = [words.how_sure, shift.sentence if shift is not None else ""]
    return render(
        ReportContent(
            kind=found.modality,
            task=task,
            title=title,
            subtitle=f"Evaluation on {counted(found.n_items, found.modality)}",
            summary=Summary(
                headline=next((m for m in metrics if m.key == words.headline), None),
                how_good=words.how_good,
                how_sure=" ".join(filter(None, sure)),
                warnings=_warnings(found),
            ),
            metrics=metrics,
            failures=_failures(words, data),
            **words.sections,
        )
    )


def _warnings(found: JudgedData) -> tuple[str, ...]:
    said = [*found.notes, *(remark.sentence for remark in found.remarks), *found.warnings]
    if found.rejected:
        said.append(f"{counted(len(found.rejected), 'item')} could not be read.")
    return tuple(dict.fromkeys(said))


def _failures(words: EvaluatedWords, data: Dataset) -> Failures | None:
    if not words.errors:
        return None
    shown = Shown(data)
    return Failures(
        heading="Largest errors",
        wrong=tuple(
            WrongItem(
                path=path,
                truth=truth,
                predicted=predicted,
                image=shown.image(path),
                text=shown.text(path),
            )
            for path, truth, predicted in words.errors[:MAX_SHOWN]
        ),
        n_wrong=len(words.errors),
    )
