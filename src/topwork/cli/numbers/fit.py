"""``topwork fit`` where the labels are numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from topwork.cli.heads.fit import fit_and_show, show_head_fit

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.metrics import Score
    from topwork.reporting.numbers.result import NumberFitResult
    from topwork.tasks.number.scores import NumberScores

METRICS = {
    "mae": "mean absolute error",
    "rmse": "root mean squared error",
    "r2": "R²",
    "spearman": "Spearman correlation",
}


def fit_number(*arguments: Any, **more: Any) -> None:
    """Fit a regressor, save it and show what was found; see `fit_and_show`."""
    from topwork.inductive.numbers.fitting import NUMBERS

    fit_and_show(NUMBERS, show_number_fit, *arguments, **more)


def show_number_fit(screen: Screen, result: NumberFitResult) -> None:
    """The result of a fit of numbers, for people."""
    show_head_fit(
        screen,
        result,
        learnt=f"{result.n_items} {result.modality}s with numbers from "
        f"{result.target.least:.6g} to {result.target.most:.6g}",
        head=f"{result.head} head",
        show_scores=lambda: show_number_scores(screen, result.scores),
        tried={METRICS["mae"]: lambda s: shown(s.mae), METRICS["r2"]: lambda s: shown(s.r2)},
        promise=result.promise,
    )


def show_number_scores(screen: Screen, scores: NumberScores) -> None:
    """The four numbers with their intervals."""
    rows = [(name, shown(getattr(scores, key))) for key, name in METRICS.items()]
    screen.table(("score", "value  [95 % interval]"), rows)


def shown(score: Score | None) -> str:
    """``12.3  [10.1, 15.2]``, with as many digits as numbers of any size need."""
    if score is None:
        return "–"
    high = "?" if score.high is None else f"{score.high:.4g}"
    return f"{score.value:.4g}  [{score.low:.4g}, {high}]"
