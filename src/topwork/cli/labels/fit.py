"""``topwork fit`` where items have several labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from topwork.cli.heads.fit import fit_and_show, show_head_fit
from topwork.cli.show import interval
from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from topwork.cli.screen import Screen
    from topwork.reporting.labels.result import LabelsFitResult
    from topwork.tasks.labels.scores import LabelScore, LabelsScores

METRICS = {
    "mean_ap": "mean average precision",
    "macro_f1": "macro F1",
    "micro_f1": "micro F1",
    "auroc": "AUROC",
    "empty": "empty predictions",
}
FEW_LABELS = 20
"""That get a line each."""


def fit_several(*arguments: Any, **more: Any) -> None:
    """Fit a tagger, save it and show what was found; see `fit_and_show`."""
    from topwork.inductive.labels.fitting import SEVERAL

    fit_and_show(SEVERAL, show_labels_fit, *arguments, **more)


def show_labels_fit(screen: Screen, result: LabelsFitResult) -> None:
    """The result of a fit of several labels, for people."""

    def show_scores() -> None:
        show_labels_scores(screen, result.scores)
        show_per_label(screen, result.per_label, {r.label: r.threshold for r in result.rules})
        _show_doubtful(screen, result)

    show_head_fit(
        screen,
        result,
        learnt=f"{counted(result.n_items, result.modality)} with {result.labels_per_item:.2f} of "
        f"{counted(len(result.labels), 'label')} on average",
        head=f"{result.head} heads, one per label",
        show_scores=show_scores,
        tried={
            METRICS["mean_ap"]: lambda scores: interval(scores.mean_ap),
            METRICS["macro_f1"]: lambda scores: interval(scores.macro_f1),
        },
        promise="" if result.miss is None else result.miss.sentence,
    )


def _show_doubtful(screen: Screen, result: LabelsFitResult) -> None:
    doubtful = result.doubtful_labels
    if not doubtful:
        return
    rows = [(d.path, d.given_words, d.suggested, f"{d.probability:.2f}") for d in doubtful[:5]]
    screen.table(("doubtful label", "given", "suggested", "probability"), rows)
    if len(doubtful) > len(rows):
        screen.print_line(f"and {len(doubtful) - len(rows)} more, all of them with --json.")


def show_labels_scores(screen: Screen, scores: LabelsScores) -> None:
    """The scores with their intervals."""
    rows = [(name, interval(getattr(scores, key))) for key, name in METRICS.items()]
    screen.table(("score", "value  [95 % interval]"), rows)


def show_per_label(
    screen: Screen, per_label: Sequence[LabelScore], thresholds: Mapping[str, float]
) -> None:
    """A line per label; of many labels only the worst."""
    shown = list(per_label)
    if len(shown) > FEW_LABELS:
        shown = sorted(shown, key=lambda one: one.f1.value if one.f1 else 0.0)[:10]
        screen.print_line(f"The 10 labels of {len(per_label)} with the lowest F1:")
    rows = [
        (
            one.label,
            one.n,
            interval(one.precision),
            interval(one.recall),
            interval(one.f1),
            f"{thresholds[one.label]:.3f}",
        )
        for one in shown
    ]
    screen.table(("label", "n", "precision", "recall", "F1", "from"), rows)
