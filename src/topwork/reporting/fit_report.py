"""The evidence of a fit as a report."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from topwork.data import MODALITIES
from topwork.data.texts.truncated import truncated
from topwork.installation import installed_versions
from topwork.metrics import Score
from topwork.metrics.intervals import Units
from topwork.metrics.two_classes import two_classes
from topwork.report import (
    Confusions,
    CurvePoint,
    Fact,
    LearningCurve,
    Method,
    PredictionSets,
    Probabilities,
    ReportContent,
    ReportedMetric,
    SetSize,
    Strategies,
    Summary,
    Tried,
    UnknownInputs,
    reported_metrics,
)
from topwork.report.numbers import percent
from topwork.reporting.before_after_section import before_after_section
from topwork.reporting.data_section import data_section
from topwork.reporting.failures_section import failures_section
from topwork.reporting.fit_artifacts import FitArtifacts
from topwork.reporting.held_out import share
from topwork.reporting.label_budget import label_budget
from topwork.reporting.result import FitResult
from topwork.runtime.counted import counted
from topwork.search.ladder import ladder_sentences
from topwork.trials.trial import targets_of
from topwork.validation.learning_curve import CurvePoint as Measured

_UNKNOWN_BY = "distance to the nearest class mean, whitened within classes (and direction from it)"
_CONTINUED = (
    "This model continues a base model. The old {kind}s are represented by the feature rows that "
    "are stored in the base model, and by rows drawn from Gaussians with the class means and the "
    "covariance of the other old {kind}s (Gaussian replay); all of them are independent of the "
    "rows used for evaluation. The base model is compared by its out-of-fold predictions."
)


def report_content(artifacts: FitArtifacts, result: FitResult, title: str) -> ReportContent:
    """Everything that the fit can tell, in the report's own records."""
    return ReportContent(
        kind=result.modality,
        title=title,
        subtitle=_subtitle(result),
        notice=artifacts.chosen.frozen.data.notice,
        summary=_summary(artifacts, result),
        metrics=_metrics(artifacts),
        strategies=_strategies(result),
        before_after=before_after_section(result.continual),
        classes=tuple(result.per_class),
        confusions=result.confusions or Confusions(),
        two_classes=two_classes(
            [str(label) for label in targets_of(artifacts.chosen.frozen).labels],
            artifacts.calibrated.codes,
            artifacts.calibrated.probabilities,
        ),
        screening=artifacts.screening,
        probabilities=_probabilities(artifacts, result),
        learning_curve=_curve(artifacts),
        label_budget=label_budget(result),
        failures=failures_section(artifacts),
        data=data_section(artifacts.findings, artifacts.chosen.frozen.data),
        method=_method(artifacts, result),
    )


def _subtitle(result: FitResult) -> str:
    continual_part = result.continual
    if continual_part is None:
        return f"{counted(result.n_items, result.modality)}, {_classes(result)}"
    return (
        f"{continual_part.n_new} new {result.modality}s and {continual_part.n_stored} stored ones, "
        f"{_classes(result)}"
    )


def _classes(result: FitResult) -> str:
    return counted(result.n_classes, "class", "classes")


def _metrics(artifacts: FitArtifacts) -> tuple[ReportedMetric, ...]:
    if artifacts.judgement is None:
        return ()
    return reported_metrics(artifacts.judgement.scores, artifacts.judgement.more)


def _summary(artifacts: FitArtifacts, result: FitResult) -> Summary:
    if result.scores is None:
        return Summary(
            how_good=f"Performance can't be estimated from one {result.modality} per class.",
            next_steps=(
                f"Label at least two more {result.modality}s of each class and fit again.",
            ),
        )
    score = result.scores.balanced_accuracy
    headline = next(m for m in _metrics(artifacts) if m.key == "balanced_accuracy")
    chance = 1 / result.n_classes
    right = f"it gets {percent(score.value)} right, every class counting the same."
    good = f"Of {result.modality}s like these {right}"
    if score.low <= chance:
        good += " This is not distinguishable from guessing."
    high = 1.0 if score.high is None else score.high
    return Summary(
        headline=headline,
        chance=chance,
        how_good=good,
        how_sure=f"The true number lies between {percent(score.low)} and {percent(high)} with 95 % "
        f"confidence, for {result.modality}s like the ones it was measured on.",
        transfer=" ".join(
            sentence
            for sentence in (
                result.transfer.sentence if result.transfer else "",
                result.left_out_domains.sentence if result.left_out_domains else "",
                result.columns.sentence if result.columns else "",
                result.costs.sentence if result.costs else "",
                result.continual.sentence if result.continual else "",
            )
            if sentence
        ),
        next_steps=_next_steps(result),
        warnings=_warnings(result),
    )


def _next_steps(result: FitResult) -> tuple[str, ...]:
    steps = []
    judged = [c for c in result.per_class if c.recall is not None]
    if judged:
        worst = min(judged, key=lambda c: c.recall.value if c.recall else 1.0)
        if worst.recall and worst.recall.value < 1:
            steps.append(
                f"Look at the class {worst.label!r}: {percent(1 - worst.recall.value)} of its "
                f"{result.modality}s are taken for something else. More labels there help most."
            )
    small = [c.label for c in result.per_class if c.n < 10]
    if small:
        steps.append(
            f"{counted(len(small), 'class has', 'classes have')} fewer than 10 {result.modality}s: "
            "scores are uncertain there."
        )
    steps.append(
        f"Evaluate it on {result.modality}s from another day or "
        f"{MODALITIES[result.modality].words.origin} with topwork evaluate."
    )
    return tuple(steps)


def _warnings(result: FitResult) -> tuple[str, ...]:
    copies, found = result.duplicates, []
    if result.families:
        found.append(result.families.sentence)
    if copies.n_conflicts:
        found.append(_conflicts(copies.n_conflicts))
    found += [remark.sentence for remark in result.remarks]
    if result.rejected:
        found.append(f"{counted(len(result.rejected), result.modality)} could not be read.")
    if result.cut_short:
        found.append(f"{truncated(result.cut_short)}.")
    if result.continual:
        found += result.continual.warnings
    return tuple(found)


def _conflicts(n: int) -> str:
    return f"{counted(n, 'duplicate group has', 'duplicate groups have')} conflicting labels."


def _strategies(result: FitResult) -> Strategies:
    return Strategies(
        tried=tuple(
            Tried(
                name=t.name,
                score=t.scores.balanced_accuracy if t.scores else None,
                seconds=t.seconds,
                chosen=t.chosen,
                baseline=t.baseline,
            )
            for t in result.tried
        ),
        note=" ".join(
            filter(
                None,
                (
                    result.choice.reason if result.choice else "",
                    result.int8.sentence if result.int8 else "",
                    result.unlabelled.sentence if result.unlabelled else "",
                ),
            )
        ),
        details=tuple(ladder_sentences(result.ladder)),
    )


def _probabilities(artifacts: FitArtifacts, result: FitResult) -> Probabilities:
    calibrated = artifacts.calibrated
    more = artifacts.judgement.more if artifacts.judgement else None
    return Probabilities(
        reliability=result.reliability,
        temperature=calibrated.temperature.value,
        error=more.calibration_error if more else None,
        sets=_sets(artifacts),
        unknown=UnknownInputs(
            method=_UNKNOWN_BY,
            threshold=result.unknown_threshold,
            false_alarm_rate=calibrated.detector.false_alarm_rate,
            sentence=result.unknown.sentence,
        ),
    )


def _sets(artifacts: FitArtifacts) -> PredictionSets | None:
    fitted = artifacts.calibrated.sets
    if fitted is None or not fitted.enough:
        return None
    codes = artifacts.calibrated.codes
    inside = fitted.of(artifacts.calibrated.probabilities)
    sizes = np.bincount(inside.sum(axis=1))
    return PredictionSets(
        target=1 - fitted.error_rate,
        coverage=share(inside[np.arange(len(codes)), codes]),
        mean_size=float(inside.sum(axis=1).mean()),
        sizes=tuple(SetSize(size=s, n=int(n)) for s, n in enumerate(sizes) if n),
    )


def _curve(artifacts: FitArtifacts) -> LearningCurve | None:
    curve = artifacts.learning_curve
    if curve is None:
        return None

    def points(given: Sequence[Measured]) -> tuple[CurvePoint, ...]:
        return tuple(
            CurvePoint(
                labels_per_class=p.labels_per_class,
                score=Score(
                    value=p.error,
                    low=p.error if p.low is None else p.low,
                    high=p.error if p.high is None else p.high,
                ),
            )
            for p in given
        )

    return LearningCurve(
        metric="mean error per class",
        measured=points(curve.measured),
        fitted=points(curve.fitted),
        sentence=curve.sentence,
    )


def _method(artifacts: FitArtifacts, result: FitResult) -> Method:
    units = Units.of(len(artifacts.groups), artifacts.groups)
    n_folds = len(np.unique(artifacts.folds[0]))
    keys, items = artifacts.chosen.frozen.extraction.keys, f"{result.modality}s"
    return Method(
        paragraphs=(
            *((_CONTINUED.format(kind=result.modality),) if result.continual else ()),
            f"The {items} were split into {n_folds} folds{_times(len(artifacts.folds))}; copies of "
            f"one {result.modality} and the groups that were given stay together. For each fold a "
            "model was fitted on the other folds, with every choice made from data repeated "
            "without that fold (including the selection among the models that were tried), and "
            f"evaluated on it. The selected model was fitted in the same way on all {items}.",
            f"Intervals are for the performance of models fitted on that many {items} of this "
            f"kind, on other {items} of this kind. They say nothing about another "
            f"{MODALITIES[result.modality].words.origin} or season.",
        ),
        facts=(
            Fact(name=f"{result.modality}s", value=str(result.n_items)),
            Fact(
                name=f"{result.modality}s used for evaluation",
                value=str(len(artifacts.calibrated.rows)),
            ),
            Fact(name="independent units", value=str(units.count)),
            Fact(name="folds", value=str(n_folds)),
            Fact(name="backbone", value=result.backbone),
            Fact(name="strategy", value=f"{result.strategy}, {result.head} head"),
            Fact(name="engine", value=f"{result.engine}, {result.precision}"),
        ),
        versions=tuple(Fact(name=name, value=v) for name, v in installed_versions().items()),
        hashes=(Fact(name=f"contents of the {result.modality}s", value=contents_hash(keys)),),
    )


def _times(repeats: int) -> str:
    return "" if repeats == 1 else f", repeated {repeats} times"


def contents_hash(keys: Sequence[bytes]) -> str:
    """A name for a set of items: the SHA-256 of their sorted content keys."""
    return hashlib.sha256(b"".join(sorted(keys))).hexdigest()
