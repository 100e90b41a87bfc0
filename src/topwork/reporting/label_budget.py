"""Where a set stands on the way from one label per class to a hundred, and what helps there."""

from __future__ import annotations

from typing import Final

from topwork.report import LabelBudget, LabelStage
from topwork.reporting.result import FitResult
from topwork.trials.modality import MODALITY_TRIALS

FEW: Final = 5
"""Labels per class from which on uncertain items are worth more than typical ones."""

MORE: Final = 20
"""Labels per class from which on training the last layers helps more than careful choice."""

MANY: Final = 100
"""Labels per class at which the way ends."""

_LISTED: Final = "topwork next lists them, topwork label asks about them"

STAGES: Final = (
    LabelStage(name="typical items", low=1, high=FEW),
    LabelStage(name="uncertain items", low=FEW, high=MORE),
    LabelStage(name="last layers", low=MORE, high=MANY),
)


def label_budget(result: FitResult) -> LabelBudget | None:
    """The stage of a fit by its mean number of labels per class, with a sentence on what helps.

    What helps where was measured: names of classes, a prior of earlier tasks and typical items
    with few labels (decisions 0054, 0056 and 0059), items without labels up to some tens (0016),
    the last layers from about twenty on (0007).

    Returns
    -------
    None for a model that continues another, which does not hold all of its items.
    """
    if result.continual:
        return None
    per_class = result.n_items / result.n_classes
    return LabelBudget(
        labels_per_class=per_class, stages=STAGES, sentence=_sentence(per_class, result)
    )


def _sentence(per_class: float, result: FitResult) -> str:
    items = f"{result.modality}s"
    if per_class < FEW:
        prior = "a prior learned from earlier tasks (topwork meta, then fit --prior)"
        helps = f"{prior} helps most"
        if MODALITY_TRIALS[result.modality].named:
            helps = f"names of the classes that are words help most, and {prior}"
        return (
            f"With fewer than {FEW} labels per class {helps}. Label typical {items} next: "
            f"{_LISTED}."
        )
    if per_class < MORE:
        without = f" {items.capitalize()} without labels help, too (fit --unlabelled)."
        further = "" if result.unlabelled else without
        return (
            f"From {FEW} labels per class on, those {items} are worth labelling most about which "
            f"the model is uncertain: {_LISTED}.{further}"
        )
    trained = (
        "which --strategy auto has tried" if result.ladder else "which fit --strategy auto tries"
    )
    return (
        f"From {MORE} labels per class on, training the last layers may help more than further "
        f"labels, {trained}. Further labels are worth most on {items} about which the model is "
        f"uncertain: {_LISTED}."
    )
