"""What a model is worth, in a sentence for people who try it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_SHARES: Final = frozenset(
    {"accuracy", "balanced_accuracy", "macro_f1", "ap50", "ap", "auroc", "micro_f1", "exact"}
)
_NAMES: Final = {
    "accuracy": "Accuracy",
    "mae": "Mean absolute error",
    "auroc": "AUROC",
    "ap50": "AP50",
    "ap": "AP",
    "macro_f1": "Macro F1",
}


def worth(facts: Mapping[str, Any]) -> str:
    """The first score of a fit with its interval; empty where there is none.

    Parameters
    ----------
    facts
        What the manifest of a bundle says about its fit.

    Examples
    --------
    >>> worth({"scores": {"accuracy": {"value": 0.912, "low": 0.87, "high": 0.94}}})
    'Accuracy 91.2 % (95 % confidence interval 87.0 to 94.0 %) on held-out items of its fit.'
    >>> worth({"scores": "none"})
    ''
    """
    scores = facts.get("scores")
    if not isinstance(scores, Mapping):
        return ""
    for name, score in scores.items():
        numbers = [score.get(k) for k in ("value", "low", "high")] if _is_score(score) else []
        if numbers:
            share = name in _SHARES
            value, low, high = (f"{100 * x:.1f}" if share else f"{x:.4g}" for x in numbers)
            unit = " %" if share else ""
            title = _NAMES.get(name, str(name).replace("_", " "))[:40]
            return (
                f"{title} {value}{unit} (95 % confidence interval {low} to {high}{unit}) on "
                "held-out items of its fit."
            )
    return ""


def _is_score(score: object) -> bool:
    return isinstance(score, Mapping) and all(
        isinstance(score.get(k), int | float) for k in ("value", "low", "high")
    )
