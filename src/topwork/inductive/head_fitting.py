"""From labelled items to a judged model: features once, a head on top, whatever it predicts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.data import Dataset, surveyed
from topwork.inductive.head_assembly import AssembledHead, assemble_head
from topwork.inductive.saving import Clock, model_name, saved
from topwork.intake.families import families_of
from topwork.intake.labelled import undivided
from topwork.intake.source_files import note_source_files
from topwork.intake.survey import survey
from topwork.model import check_target
from topwork.model.heads.model import HeadModel
from topwork.quality import OutOfFold, examine, find_duplicates
from topwork.report import ReportContent
from topwork.reporting.head_evidence import FinishedT, HeadEvidence
from topwork.reporting.head_result import HeadFitResult
from topwork.reporting.result import Seconds
from topwork.runtime.cluster.chosen import where_settings_say
from topwork.runtime.progress import Steps
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings
from topwork.settings.classes_only import check_classes_only, of_classes_only
from topwork.settings.detection import check_no_promise
from topwork.tasks.registry import strata_of
from topwork.trials.columns.further import with_beside
from topwork.trials.gains.column_gain import head_gains
from topwork.trials.head_candidates import (
    HeadCandidate,
    HeadTrials,
    HeldOut,
    NestedT,
    head_candidates,
)
from topwork.trials.head_selection import HeadSelection, select_candidate
from topwork.trials.resolved import check_kind, resolved

ModelT = TypeVar("ModelT", bound=HeadModel[Any, Any])
ResultT = TypeVar("ResultT", bound=HeadFitResult[Any, Any])

MIN_ITEMS = 4


class MakesFolds(Protocol):
    """Fold of each item, ``(n,)``, from its target."""

    def __call__(
        self, targets: Any, *, n_folds: int, groups: ArrayLike | None, seed: int
    ) -> NDArray[np.intp]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadTask(Generic[HeldOut, NestedT, FinishedT, ResultT, ModelT]):
    """What a fit of a head needs to know of a task.

    Parameters
    ----------
    targets, called
        What the targets are, such as ``numbers``, and as a sentence.
    remedy
        What to do where something is asked for that only classifiers have.
    may_miss
        Whether a share that may be missed can be asked for.
    checked
        The same items, or without what can't be learnt; raises where nothing can.
    folds
        How the items are divided.
    trials
        What is tried.
    finished
        What the selected candidate becomes.
    record, report
        What was found, as plain data and for people.
    assembled
        Makes the model of the parts that those of all tasks have.
    doubted
        What held-out predictions say of each label, from the targets, the predictions and the
        folds; None where that is not looked for.
    """

    targets: str
    called: str
    remedy: str
    may_miss: bool = False
    checked: Callable[[Dataset], Dataset]
    folds: MakesFolds
    trials: HeadTrials[HeldOut, NestedT]
    finished: Callable[
        [
            HeadCandidate[HeldOut, NestedT],
            HeadSelection[HeldOut],
            FitSettings,
            NDArray[np.integer],
        ],
        FinishedT,
    ]
    record: Callable[[HeadEvidence[HeldOut, NestedT, FinishedT], Seconds], ResultT]
    report: Callable[[HeadEvidence[HeldOut, NestedT, FinishedT], ResultT, str], ReportContent]
    assembled: Callable[[AssembledHead[FinishedT], ResultT], ModelT]
    doubted: Callable[[Any, HeldOut, NDArray[np.integer]], OutOfFold] | None = None

    def check_settings(self, settings: FitSettings) -> None:
        """Refuse what only models of other tasks can do, before anything is computed.

        Raises
        ------
        ParameterError
            The first such setting.
        """
        check_no_promise(settings, self.targets, may_miss=self.may_miss)
        check_classes_only(of_classes_only(settings, ("probe",)), self.called, remedy=self.remedy)


@dataclass(frozen=True, slots=True)
class FittedHead(Generic[HeldOut, NestedT, FinishedT, ResultT, ModelT]):
    """A model, what is known of it, and what that is known from."""

    model: ModelT
    result: ResultT
    artifacts: HeadEvidence[HeldOut, NestedT, FinishedT]


@where_settings_say
def fit_head(
    task: HeadTask[HeldOut, NestedT, FinishedT, ResultT, ModelT],
    data: Dataset,
    settings: FitSettings | None,
    *,
    steps: Steps,
    save_to: Path | None,
    read_seconds: float,
) -> FittedHead[HeldOut, NestedT, FinishedT, ResultT, ModelT]:
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
        The items have no targets of this task or all the same, or too many can't be read.
    ParameterError
        Something is asked for that only models of other tasks can have.
    BundleError
        ``save_to`` holds something that isn't a model.
    """
    kind = data.kind.name
    settings = resolved(settings or FitSettings(), kind)
    check_kind(settings, kind)
    task.check_settings(settings)
    data = task.checked(data)
    if save_to is not None:
        check_target(save_to)
    clock = Clock(time.monotonic(), read_seconds)
    evidence, seconds = _evidence(
        task, surveyed(data, settings.window), RunContext(settings, steps)
    )
    spent = clock.spent(seconds)
    result = task.record(evidence, spent)
    content = task.report(evidence, result, model_name(data, save_to, default=f"{kind}s"))
    model = task.assembled(assemble_head(evidence, settings, result, content), result)
    if settings.cache:
        seen = evidence.transfer.frozen
        note_source_files(seen.extraction.keys, seen.data.items)
    result = saved(model, result, save_to, spent, clock)
    return FittedHead(model, result, evidence)


def _evidence(
    task: HeadTask[HeldOut, NestedT, FinishedT, ResultT, ModelT],
    data: Dataset,
    context: RunContext[FitSettings],
) -> tuple[HeadEvidence[HeldOut, NestedT, FinishedT], dict[str, float]]:
    """Everything that is measured, and the seconds of each part."""
    settings, clock = context.settings, [time.monotonic()]
    seen = survey(data, context)
    targets = task.checked(seen.frozen.data).targets  # some items may be unreadable
    frozen = replace(seen.frozen, data=replace(seen.frozen.data, targets=targets))
    beside, frozen = with_beside(frozen, context.steps("Further images"))
    pixels = None if seen.pixels is None else replace(seen.pixels, data=frozen.data)
    duplicates = find_duplicates(
        frozen.extraction.keys,
        seen.similarity,
        frozen.features,
        strata_of(frozen.data),
        near_duplicates=settings.near_duplicates,
    )
    families = families_of(frozen, seen.similarity, duplicates, settings)
    groups = undivided(frozen.data, duplicates, families)
    clock.append(time.monotonic())
    folds = task.folds(targets, n_folds=settings.n_folds, groups=groups, seed=settings.seed)
    candidates = head_candidates(
        task.trials,
        frozen,
        pixels,
        folds=folds,
        groups=groups,
        context=context,
        beside=beside,
    )
    selection = select_candidate(candidates, folds, groups, task.trials.words)
    clock.append(time.monotonic())
    evidence = HeadEvidence(
        asked=settings.backbone_name,
        candidates=candidates,
        selection=selection,
        made=task.finished(candidates[selection.chosen], selection, settings, groups),
        folds=folds,
        groups=groups,
        duplicates=duplicates,
        families=families,
        findings=examine(
            frozen.data,
            seen.similarity,
            duplicates,
            rejected=frozen.extraction.rejected,
            families=families,
            out_of_fold=None
            if task.doubted is None or candidates[selection.chosen].nested is None
            else task.doubted(targets, selection.held_out, folds),
        ),
        sketches=seen.sketches,
        columns=head_gains(
            candidates, candidates[selection.chosen], folds, groups, task.trials.words
        ),
    )
    clock.append(time.monotonic())
    features, head, judge = np.diff(clock)
    return evidence, {"features": features, "head": head, "judge": judge}
