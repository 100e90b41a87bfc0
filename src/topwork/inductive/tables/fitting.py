"""From the rows of a table with targets to a judged model."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.conformal import fit_prediction_sets
from topwork.calibration.temperature import Temperature, fit_temperature
from topwork.data import ClassTargets, Dataset, NumberTargets
from topwork.errors import DataError, ParameterError
from topwork.features.rejected import RejectedRecord
from topwork.heads import LinearHead, softmax
from topwork.heads.boosting import Trees
from topwork.inductive.saving import Clock, model_name, saved
from topwork.inductive.tables.evidence import EncodedRows, encoded_rows
from topwork.intake.labelled import check_labels
from topwork.metrics.records import Judgement
from topwork.model import (
    TableClassCard,
    TableClassifierModel,
    TableNumberCard,
    TableNumberModel,
    TableParts,
    check_target,
)
from topwork.model.statistics import key_rows
from topwork.report import ReportContent, model_card, render
from topwork.reporting.fit_report import contents_hash
from topwork.reporting.numbers.result import NumberRange
from topwork.reporting.result import Copies
from topwork.reporting.tables.report import class_report, number_report
from topwork.reporting.tables.result import (
    Predictors,
    TableClassFitResult,
    TableNumberFitResult,
    TriedForClasses,
    TriedForNumbers,
)
from topwork.runtime.cluster.chosen import where_settings_say
from topwork.runtime.progress import Steps, no_steps
from topwork.selection.choice import Selection
from topwork.settings import FitSettings
from topwork.settings.classes_only import of_classes_only
from topwork.settings.detection import check_no_promise
from topwork.tasks.number.intervals import fit_intervals
from topwork.tasks.number.task import NUMBER
from topwork.trials.head_selection import HeadSelection, select_candidate
from topwork.trials.number import HeldOutNumbers
from topwork.trials.tables import (
    HeldOutClasses,
    TableCandidate,
    calibrated_logits,
    class_candidates,
    number_candidates,
)
from topwork.trials.tables.candidates import CLASS_WORDS, CONSTANT, NUMBER_WORDS
from topwork.validation.repeated import judge_repeats

_TASKS: Final = "classes and numbers"


@dataclass(frozen=True, slots=True)
class FittedTable:
    """A model of rows, and what is known of it."""

    model: TableClassifierModel | TableNumberModel
    result: TableClassFitResult | TableNumberFitResult


@where_settings_say
def fit_rows(
    data: Dataset,
    settings: FitSettings | None = None,
    *,
    without: Sequence[str] = (),
    only: Sequence[str] | None = None,
    steps: Steps = no_steps,
    save_to: Path | None = None,
    read_seconds: float = 0.0,
) -> FittedTable:
    """Fit a model on rows of a table, judge it, and save it if ``save_to`` is given.

    A constant, a linear head and boosted trees are judged on the same folds; the simplest within
    one standard error of the smallest loss is used.

    Parameters
    ----------
    data
        Rows with classes or numbers, as `topwork.data.columns.labelled_rows.read_rows` gives them.
    without
        Columns that are not to be predicted from.
    only
        Columns that may be predicted from; None for all.
    steps
        Where progress goes.
    read_seconds
        What reading the table took, for the record.

    Raises
    ------
    DataError
        The rows have no targets, all the same, or none of these tasks; or no column says anything.
    ParameterError
        Something is asked for that models of rows can't have.
    BundleError
        ``save_to`` holds something that isn't a model.
    """
    settings = settings or FitSettings()
    _check_settings(settings)
    if save_to is not None:
        check_target(save_to)
    clock = Clock(time.monotonic(), read_seconds)
    if type(data.targets) is ClassTargets:
        check_labels(data)
        data = data.without_empty_classes()
        fit: Callable[..., tuple[Any, Any]] = _fit_classes
    elif isinstance(data.targets, NumberTargets):
        if len(data) and np.ptp(data.numbers) == 0:
            raise DataError(
                f"All {len(data)} rows have the same number, {data.numbers[0]:g}.",
                remedy="Add rows with other numbers, or name another column with --label NAME.",
                code="one_number",
            )
        fit = _fit_numbers
    else:
        raise DataError(
            f"Of rows of a table only {_TASKS} can be predicted, one of each row.",
            remedy="Name a column of classes with --columns label=NAME, or read the labels as "
            "classes with --task classes, or ordered ones as numbers with --task number.",
            code="other_task",
        )
    rows = encoded_rows(data, settings, without=without, only=only)
    title = model_name(data, save_to, default="rows")
    model, result = fit(rows, settings, steps, clock, title)
    result = saved(model, result, save_to, result.seconds, clock)
    return FittedTable(model, result)


def _check_settings(settings: FitSettings) -> None:
    """Refuse what only models of images and texts can have."""
    check_no_promise(settings, "rows of a table")
    asked = of_classes_only(settings, ("probe",))
    asked["--backbone (backbone)"] = settings.backbone is not None
    for name in (name for name, given in asked.items() if given):
        raise ParameterError(
            f"{name} works for images and texts only, and these are rows of a table.",
            remedy="Leave it out.",
            code="not_for_rows",
        )


def _fit_classes(
    rows: EncodedRows, settings: FitSettings, steps: Steps, clock: Clock, title: str
) -> tuple[TableClassifierModel, TableClassFitResult]:
    begun = time.monotonic()
    targets = rows.data.classes
    assert targets is not None
    codes, labels = targets.codes, [str(label) for label in targets.labels]
    candidates = class_candidates(
        rows.X,
        targets,
        rows.folds,
        seed=settings.seed,
        baselines=settings.baselines,
        steps=steps,
    )
    selection = select_candidate(candidates, rows.folds, rows.groups, CLASS_WORDS)
    chosen = candidates[selection.chosen]
    fitted_at = time.monotonic()

    def judged(held_out: HeldOutClasses) -> Judgement:
        p = softmax(calibrated_logits(held_out.logits, codes, rows.folds))
        return judge_repeats(codes, p[None], labels, groups=rows.groups)

    judgement = judged(selection.held_out)
    temperature = _temperature(chosen, codes)
    p = softmax(chosen.held_out.logits / temperature.value)
    sets = fit_prediction_sets(p, codes, error_rate=settings.error_rate, groups=rows.groups)
    result = TableClassFitResult(
        **_common(rows, candidates, selection, clock=clock, begun=begun, fitted_at=fitted_at),
        scores=judgement.scores,
        tried=[
            TriedForClasses(
                **_tried(one, chosen),
                scores=(judgement if one is chosen else judged(one.held_out)).scores,
            )
            for one in candidates
        ],
        n_classes=len(labels),
        more=judgement.more,
        per_class=list(judgement.per_class),
        temperature=temperature,
        sets=sets,
    )
    contents = contents_hash(rows.keys)
    card = TableClassCard(
        encoding=rows.encoding,
        head=chosen.head,
        columns=dict(rows.data.columns),
        labels=list(targets.labels),
        temperature=temperature.value,
        sets=sets,
    )
    content = class_report(result, title, contents)
    parts = _parts(rows, card, chosen.fitted, result=result, content=content, contents=contents)
    return TableClassifierModel(parts, engine=settings.engine), result


def _temperature(chosen: TableCandidate[HeldOutClasses], codes: NDArray[Any]) -> Temperature:
    """Frequencies are honest as they are."""
    if chosen.head == CONSTANT:
        return Temperature(value=1.0, n_items=len(codes), log_loss_before=None, log_loss_after=None)
    return fit_temperature(chosen.held_out.logits, codes)


def _fit_numbers(
    rows: EncodedRows, settings: FitSettings, steps: Steps, clock: Clock, title: str
) -> tuple[TableNumberModel, TableNumberFitResult]:
    begun = time.monotonic()
    numbers = rows.data.numbers
    targets = NumberTargets(numbers)
    candidates = number_candidates(
        rows.X,
        targets,
        rows.folds,
        rows.groups,
        seed=settings.seed,
        baselines=settings.baselines,
        steps=steps,
    )
    selection = select_candidate(candidates, rows.folds, rows.groups, NUMBER_WORDS)
    chosen = candidates[selection.chosen]
    assert chosen.transform is not None
    fitted_at = time.monotonic()

    def scored(held_out: HeldOutNumbers) -> Any:
        return NUMBER.scores(targets, held_out.predicted, groups=rows.groups)

    rule, spread = fit_intervals(
        None if chosen.ridge is None else chosen.ridge.ridge,
        chosen.transform,
        numbers,
        chosen.held_out.predicted,
        error_rate=settings.error_rate,
        groups=rows.groups,
    )
    head = chosen.fitted
    if isinstance(head, LinearHead):
        weight = np.zeros((len(head.weight), 2), np.float32)
        weight[:, 0] = head.weight[:, 0]
        bias = np.array([head.bias[0], rule.usual], np.float32)
        if spread is not None:
            weight[:, 1], bias[1] = spread.weight, spread.bias
        head = LinearHead(weight, bias, normalise=False)
    card = TableNumberCard(
        encoding=rows.encoding,
        head=chosen.head,
        columns=dict(rows.data.columns),
        transform=chosen.transform,
        intervals=rule,
    )
    scores = scored(selection.held_out)
    result = TableNumberFitResult(
        **_common(rows, candidates, selection, clock=clock, begun=begun, fitted_at=fitted_at),
        scores=scores,
        tried=[
            TriedForNumbers(
                **_tried(one, chosen), scores=scores if one is chosen else scored(one.held_out)
            )
            for one in candidates
        ],
        target=NumberRange(
            least=float(numbers.min()),
            median=float(np.median(numbers)),
            most=float(numbers.max()),
            n_distinct=len(np.unique(numbers)),
        ),
        transform=chosen.transform.name,
        intervals=rule,
        mean_width=_mean_width(card, head, rows.X),
    )
    contents = contents_hash(rows.keys)
    content = number_report(
        result, title, contents, true=numbers, predicted=selection.held_out.predicted
    )
    parts = _parts(rows, card, head, result=result, content=content, contents=contents)
    return TableNumberModel(parts, engine=settings.engine), result


def _mean_width(
    card: TableNumberCard, head: LinearHead | Trees, X: NDArray[np.float32]
) -> float | None:
    outputs = head.logits(X) if isinstance(head, LinearHead) else head.outputs(X)
    values = outputs[:, 0].astype(np.float64)
    logs = outputs[:, 1] if outputs.shape[1] > 1 else np.full(len(X), card.intervals.usual)
    ends = card.intervals.around(card.transform, values, logs.astype(np.float64))
    return None if ends is None else float(np.mean(ends[1] - ends[0]))


def _tried(one: TableCandidate[Any], chosen: object) -> dict[str, Any]:
    return {
        "name": one.name,
        "seconds": one.seconds,
        "chosen": one is chosen,
        "baseline": one.baseline,
    }


def _common(
    rows: EncodedRows,
    candidates: Sequence[TableCandidate[Any]],
    selection: HeadSelection[Any],
    *,
    clock: Clock,
    begun: float,
    fitted_at: float,
) -> dict[str, Any]:
    """What the records of every task say."""
    data, verdict = rows.data, selection.verdict
    choice: Selection | None = verdict
    before = begun - clock.begun
    return {
        "head": candidates[selection.chosen].head,
        "n_items": len(data),
        "columns": Predictors.of(rows.encoding),
        "rejected": RejectedRecord.of(data.rejected),
        "duplicates": Copies(
            n_items=sum(map(len, rows.copies)),
            n_groups=len(rows.copies),
            n_conflicts=sum(_differ(data, own) for own in rows.copies),
        ),
        "choice": choice,
        "seconds": clock.spent(
            {
                "features": before,
                "head": fitted_at - begun,
                "judge": time.monotonic() - fitted_at,
            }
        ),
        "skipped": dict(data.ignored),
        "notes": list(rows.notes),
    }


def _differ(data: Dataset, own: NDArray[np.intp]) -> bool:
    targets = data.targets
    values = targets.numbers if isinstance(targets, NumberTargets) else targets.codes  # type: ignore[union-attr]
    return len(np.unique(values[own])) > 1


def _parts(
    rows: EncodedRows,
    card: TableClassCard | TableNumberCard,
    head: LinearHead | Trees,
    *,
    result: TableClassFitResult | TableNumberFitResult,
    content: ReportContent,
    contents: str,
) -> TableParts:
    return TableParts(
        card=card,
        head=head,
        keys=key_rows(rows.keys),
        facts={
            "data": {"n_items": result.n_items, "contents": contents},
            "scores": result.scores.model_dump(mode="json"),
        },
        pages={"report.html": render(content), "README.md": model_card(content)},
    )
