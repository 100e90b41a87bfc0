"""The page of an evaluation: the score, the classes, and what was predicted wrongly."""

from __future__ import annotations

from topwork.data import Dataset
from topwork.metrics.two_classes import two_classes
from topwork.model.evaluation.evaluate import Evaluation
from topwork.model.evaluation.judged import JudgedItems
from topwork.report.confusions import confusions_of
from topwork.report.content import ReportContent, Summary
from topwork.report.failures import Failures, WrongItem
from topwork.report.numbers import percent
from topwork.report.page import render
from topwork.report.reported_metrics import reported_metrics
from topwork.report.shown import Shown
from topwork.runtime.counted import counted

MAX_SHOWN = 24
"""Wrong predictions that are shown with their image or text."""


def evaluation_page(
    found: Evaluation, items: JudgedItems, data: Dataset, *, title: str, next_steps: tuple[str, ...]
) -> str:
    """One HTML page of how a model does on other data.

    Parameters
    ----------
    data
        What it was judged on, to show wrong predictions from.
    """
    metrics = reported_metrics(found.scores, found.more)
    return render(
        ReportContent(
            kind=found.modality,
            title=title,
            subtitle=f"Evaluation on {found.n_items} {found.modality}s",
            notice=data.notice,
            summary=Summary(
                headline=next(m for m in metrics if m.key == "balanced_accuracy"),
                chance=1 / len(items.labels),
                how_good=_how_good(found),
                how_sure=_how_sure(found),
                next_steps=tuple(step.removeprefix("Next: ") for step in next_steps),
                warnings=_warnings(found),
            ),
            metrics=metrics,
            classes=tuple(found.per_class),
            confusions=confusions_of(items.labels, items.counts()),
            two_classes=two_classes(items.labels, items.codes, items.predictions.probabilities),
            failures=_failures(items, data),
        )
    )


def _how_good(found: Evaluation) -> str:
    score = found.scores.balanced_accuracy
    right = percent(score.value)
    return (
        f"It predicts {right} of these {found.modality}s correctly, every class counting the same."
    )


def _how_sure(found: Evaluation) -> str:
    score = found.scores.balanced_accuracy
    high = 1.0 if score.high is None else score.high
    sure = f"The 95 % confidence interval is {percent(score.low)} to {percent(high)}."
    return f"{sure} {found.shift.sentence}" if found.shift else sure


def _warnings(found: Evaluation) -> tuple[str, ...]:
    said = [*found.notes, *(remark.sentence for remark in found.remarks), *found.warnings]
    if found.rejected:
        said.append(f"{counted(len(found.rejected), 'item')} could not be read.")
    return tuple(said)


def _failures(items: JudgedItems, data: Dataset) -> Failures | None:
    wrong = items.wrong
    if not len(wrong):
        return None
    shown, said = Shown(data), items.predictions
    return Failures(
        wrong=tuple(
            WrongItem(
                path=said.names[i],
                truth=items.labels[items.codes[i]],
                predicted=items.labels[said.codes[i]],
                confidence=float(said.probabilities[i, said.codes[i]]),
                image=shown.image(said.names[i]),
                text=shown.text(said.names[i]),
            )
            for i in wrong[:MAX_SHOWN]
        ),
        n_wrong=len(wrong),
    )
