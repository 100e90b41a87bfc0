"""The evidence of a fit of ordered classes as a report."""

from __future__ import annotations

import numpy as np

from topwork.report import Fact, ReportContent
from topwork.report.confusions import confusions_of
from topwork.report.numbers import number
from topwork.reporting.head_report import HeadWords, head_report
from topwork.reporting.ordinal.result import OrdinalEvidence, OrdinalFitResult
from topwork.runtime.counted import counted
from topwork.tasks.ordinal.scores import OrdinalScores

_RULES = {
    "mean": "It predicts the class that is nearest to the expected rank.",
    "median": "It predicts the median class: the true one is as likely above as below it.",
    "mode": "It predicts the most probable class.",
}


def ordinal_report(
    evidence: OrdinalEvidence, result: OrdinalFitResult, title: str
) -> ReportContent:
    """Everything that the fit can tell, in the report's own records."""
    confusions = confusions_of(result.labels, np.array(result.confusions))
    return head_report(evidence, result, title, _words(evidence, result), confusions=confusions)


def _words(evidence: OrdinalEvidence, result: OrdinalFitResult) -> HeadWords[OrdinalScores]:
    kappa, error = result.scores.kappa, result.scores.mean_rank_error
    items, n_folds = f"{result.modality}s", len(np.unique(evidence.folds))
    good, sure = f"Predictions are {number(error.value)} ranks off on average.", result.promise
    if kappa is not None:
        good += f" Their quadratic weighted kappa is {number(kappa.value)}."
        sure = (
            f"The true kappa lies between {number(kappa.low)} and {number(kappa.high or 1.0)} with "
            f"95 % confidence, for {items} like the ones it was measured on. {result.promise}"
        )
    if result.head == "constant":
        good += " This is not distinguishable from predicting how frequent each class is."
    return HeadWords(
        subtitle=f"{counted(result.n_items, result.modality)} of {len(result.labels)} ordered "
        f"classes, from {result.labels[0]} to {result.labels[-1]}",
        headline="kappa",
        how_good=good,
        how_sure=sure,
        metric="quadratic weighted kappa",
        kind="number",
        compared=lambda scores: scores.kappa,
        warnings=(
            *(() if result.sets.enough else (result.promise,)),
            *(result.notes[-1:] if result.suggested_order else ()),
        ),
        paragraphs=(
            f"The {items} were split into {n_folds} folds that hold every class alike; copies of "
            f"one {result.modality} and the groups that were given stay together. For each fold "
            "three heads were fitted on the others and judged on the fold: a cumulative logit "
            "model (proportional odds), a ridge on the ranks with thresholds, and a logistic "
            "regression that knows no order. Penalties, thresholds, which class is predicted of "
            "the probabilities and which head is used were chosen without the fold.",
            f"{_RULES[result.rule]} A set begins with that class and takes in the more probable of "
            "its neighbours as long as it holds less than held-out predictions had to.",
        ),
        facts=(Fact(name="classes", value=str(len(result.labels))),),
        head=result.head,
    )
