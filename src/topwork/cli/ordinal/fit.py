"""``topwork fit`` where the classes have an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from topwork.cli.heads.fit import fit_and_show, show_head_fit
from topwork.cli.show import interval
from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from topwork.cli.screen import Screen
    from topwork.reporting.ordinal.result import OrdinalFitResult
    from topwork.tasks.ordinal.scores import OrdinalScores

METRICS = {
    "kappa": "quadratic weighted kappa",
    "mean_rank_error": "mean rank error",
    "accuracy": "accuracy",
}
MAX_CLASSES = 12
"""Of which a matrix is shown."""


def fit_ordinal(*arguments: Any, **more: Any) -> None:
    """Fit a model of ordered classes, save it and show what was found; see `fit_and_show`."""
    from topwork.inductive.ordinal.fitting import ORDERED

    fit_and_show(ORDERED, show_ordinal_fit, *arguments, **more)


def show_ordinal_fit(screen: Screen, result: OrdinalFitResult) -> None:
    """The result of a fit of ordered classes, for people."""

    def show_scores() -> None:
        show_ordinal_scores(screen, result.scores)
        show_rank_errors(screen, result.labels, result.confusions)

    show_head_fit(
        screen,
        result,
        learnt=f"{counted(result.n_items, result.modality)} of {len(result.labels)} ordered "
        f"classes: {' < '.join(result.labels)}",
        head=f"{result.head} head",
        show_scores=show_scores,
        tried={
            METRICS["kappa"]: lambda scores: interval(scores.kappa),
            METRICS["accuracy"]: lambda scores: interval(scores.accuracy),
        },
        promise=result.promise,
    )


def show_ordinal_scores(screen: Screen, scores: OrdinalScores) -> None:
    """The scores with their intervals."""
    rows = [(name, interval(getattr(scores, key))) for key, name in METRICS.items()]
    screen.table(("score", "value  [95 % interval]"), rows)


def show_rank_errors(
    screen: Screen, labels: Sequence[str], confusions: Sequence[Sequence[int]]
) -> None:
    """Which classes are taken for which; nothing of many classes."""
    if len(labels) <= MAX_CLASSES:
        rows = [(label, *row) for label, row in zip(labels, confusions, strict=True)]
        screen.table(("true / predicted", *labels), rows)
