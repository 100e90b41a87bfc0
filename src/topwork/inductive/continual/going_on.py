"""Going on from a saved model: new classes, new images, or both, without the earlier images."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.cost import CostThreshold, decide
from topwork.data import ClassTargets, Dataset
from topwork.errors import DataError
from topwork.features import Steps
from topwork.heads import stratified_folds
from topwork.inductive.continual.earlier import Earlier, open_earlier
from topwork.inductive.continual.forgetting import forgetting
from topwork.inductive.continual.remembered import Remembered, remember
from topwork.inductive.continual.stand_ins import StandIns, judged_with, stand_ins
from topwork.inductive.continual.united import unite
from topwork.intake.families import families_of
from topwork.intake.labelled import check_labelled
from topwork.intake.looking import Seen, look
from topwork.metrics import Judgement
from topwork.model import merge
from topwork.quality import Duplicates, Findings, OutOfFold, examine, find_duplicates
from topwork.reporting.evidence import Evidence
from topwork.reporting.gone_on import GoneOn
from topwork.settings import FitSettings
from topwork.trials.calibrated import calibrate, calibrated_answers
from topwork.trials.costs import check_costs, cost_choice
from topwork.trials.trial import Candidate, Trial, targets_of
from topwork.validation.repeated import judge_repeats


def go_on(data: Dataset, settings: FitSettings, steps: Steps) -> tuple[Evidence, dict[str, float]]:
    """Fit a head on the rows that a model remembers and on new items; also seconds of each part.

    Raises
    ------
    DataError
        The items have no labels, too many can't be read, or the model has seen them all.
    BundleError
        The model can't be gone on from.
    """
    assert settings.start is not None
    clock = [time.monotonic()]
    check_labelled(data)
    earlier = open_earlier(settings.start, settings)
    data = data.read_by(earlier.model.kind, earlier.place)
    plain = replace(settings, baselines=False)  # pixels of the earlier images are not there
    seen = look(data, plain, steps("Features"), opened=earlier.opened)
    new = seen.frozen
    classes = unite(earlier.labels, targets_of(new).labels)
    check_costs(settings.costs, ClassTargets(np.zeros(0, np.int64), classes.labels))
    duplicates = find_duplicates(
        new.extraction.keys, seen.looks, new.features, targets_of(new).codes
    )
    families = families_of(new, seen.looks, duplicates, settings)
    rows = remember(earlier, new, duplicates, classes, families=families)
    _check_new(rows, earlier)
    clock.append(time.monotonic())
    folds = stratified_folds(
        rows.codes, n_folds=settings.n_folds, groups=rows.groups, seed=settings.seed
    )
    absent = stand_ins(
        earlier.statistics,
        rows.frozen.features,
        rows.codes,
        at_hand=rows.earlier,
        seed=settings.seed,
    )
    trial = _trial(rows, absent, folds, earlier=earlier, settings=settings, steps=steps)
    clock.append(time.monotonic())
    evidence = _evidence(
        trial,
        rows,
        folds,
        earlier=earlier,
        findings=_findings(seen, rows, duplicates, trial),
        warnings=classes.warnings,
        sketches=seen.sketches,
        settings=settings,
    )
    clock.append(time.monotonic())
    features, head, judge = np.diff(clock)
    return evidence, {"features": features, "head": head, "judge": judge}


def _check_new(rows: Remembered, earlier: Earlier) -> None:
    if rows.known.all():
        kind = earlier.model.card.kind
        raise DataError(
            f"All {len(rows.known)} readable {kind}s were already used to train {earlier.place}.",
            remedy=f"Give {kind}s that are new to it; to fit the same ones again, leave --from "
            "(start) out.",
            code="nothing_new",
        )


def _trial(
    rows: Remembered,
    absent: StandIns,
    folds: NDArray[np.integer],
    *,
    earlier: Earlier,
    settings: FitSettings,
    steps: Steps,
) -> Trial:
    """The head on remembered rows, stand-ins and new items, judged on folds of the real ones."""
    begun = time.monotonic()
    card = earlier.model.card
    head = judged_with(
        absent,
        rows.frozen.features,
        rows.codes,
        len(targets_of(rows.frozen).labels),
        folds=folds,
        class_weight=settings.class_weight,
        progress=steps("Head and folds"),
    )
    candidate = Candidate(f"continued from {earlier.place}", card.backbone, strategy=card.strategy)
    return Trial(candidate, rows.frozen, (head,), time.monotonic() - begun)


def _evidence(
    trial: Trial,
    rows: Remembered,
    folds: NDArray[np.intp],
    *,
    earlier: Earlier,
    findings: Findings,
    warnings: tuple[str, ...],
    sketches: NDArray[np.int8] | None,
    settings: FitSettings,
) -> Evidence:
    targets = targets_of(rows.frozen)
    divisions = folds[None]
    calibrated = calibrate(trial, folds, rows.groups, settings)
    costs = cost_choice(
        settings.costs,
        calibrated.probabilities,
        targets,
        folds=divisions,
        groups=rows.groups,
        rows=calibrated.rows,
    )
    return Evidence(
        asked=earlier.model.card.backbone,
        transfer=trial,
        trials=[trial],
        chosen=trial,
        folds=divisions,
        groups=rows.groups,
        duplicates=rows.duplicates,
        findings=findings,
        choice=None,
        benefit=None,
        rungs=(),
        calibrated=calibrated,
        costs=costs,
        judgement=_judgement(trial, costs, rows.groups),
        depth=None,
        gone_on=GoneOn(
            forgetting=forgetting(
                earlier,
                rows,
                trial.head,
                folds=folds,
                settings=settings,
                warnings=warnings,
            ),
            statistics=merge(
                earlier.statistics,
                rows.rows(trial.head.logits_oof),
                len(targets.labels),
                seed=settings.seed,
                sketches=sketches,
            ),
            started_from=earlier.started_from(int(rows.added.sum())),
        ),
    )


def _findings(seen: Seen, rows: Remembered, duplicates: Duplicates, trial: Trial) -> Findings:
    """What there is to say of the new items; remembered rows have no pictures to look at."""
    head, r = trial.head, rows.n_rows
    codes, labels = rows.codes[r:], targets_of(rows.frozen).labels
    found = examine(
        replace(seen.frozen.data, targets=ClassTargets(codes, labels)),
        seen.looks,
        duplicates,
        rejected=seen.frozen.extraction.rejected,
        out_of_fold=OutOfFold(head.probabilities_oof[r:], head.seen[r:]),
    )
    there = [count for count in found.classes if count.n]
    sizes = [count.n for count in there]
    return found.model_copy(
        update={
            "classes": tuple(there),
            "small_classes": tuple(set(found.small_classes) & {count.label for count in there}),
            "imbalance": max(sizes) / min(sizes),
        }
    )


def _judgement(
    trial: Trial, costs: CostThreshold | None, groups: NDArray[np.int64]
) -> Judgement | None:
    """Scores of held-out answers; ``None`` where one row per class leaves nothing to judge by."""
    targets = targets_of(trial.frozen)
    if targets.counts().max() < 2:
        return None
    probabilities = calibrated_answers(trial)
    predicted = decide(probabilities, costs.threshold if costs else None)
    labels = [str(label) for label in targets.labels]
    return judge_repeats(targets.codes, probabilities, labels, predicted=predicted, groups=groups)
