"""How far what was measured in bfloat16 is from what the saved model predicts in float32."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, ConfigDict

from topwork.calibration.cost import decide
from topwork.heads import softmax
from topwork.model import Model
from topwork.trials.trial import Trial, targets_of

N_CHECKED = 32
"""Items that are compared: enough to see a difference that matters, in a fraction of a second."""

MAX_CHANGED = 0.1
"""Share of changed predictions above which the fit says so; rounding changes 0.4 % of them."""


class PrecisionCheck(BaseModel):
    """Predictions from the features that were measured, against those of the saved model.

    Attributes
    ----------
    n_items
        Items that were compared.
    probability
        Largest difference of a probability.
    changed
        Share of the items that get another label.
    """

    model_config = ConfigDict(frozen=True)

    n_items: int
    probability: float
    changed: float

    @property
    def sentence(self) -> str:
        """What has to be said; empty where the two agree."""
        if self.changed <= MAX_CHANGED:
            return ""
        return (
            f"{100 * self.changed:.0f} % of {self.n_items} predictions differ between float32 "
            "(used by saved models) and bfloat16 (used for the scores): fit again with "
            "TOPWORK_PRECISION=float32."
        )


def precision_check(model: Model, chosen: Trial) -> PrecisionCheck | None:
    """Compare both on items spread over the classes; ``None`` where all was measured in float32."""
    frozen = chosen.frozen
    if frozen.opened.engine.precision != "bfloat16":
        return None
    codes = targets_of(frozen).codes
    order = np.argsort(codes, kind="stable")
    rows = np.unique(order[np.linspace(0, len(order) - 1, min(N_CHECKED, len(order))).astype(int)])
    predicted = model.predictions([frozen.data.items[i] for i in rows])
    if not len(predicted):
        return None
    features = np.asarray(frozen.features[rows[predicted.kept]], np.float32)
    logits = np.asarray(chosen.head.linear.logits(features), np.float32)
    if chosen.beside is not None and chosen.beside.fitted is not None:
        logits = logits + chosen.beside.fitted[rows[predicted.kept]]
    measured = softmax(logits / np.float32(model.card.temperature))
    return PrecisionCheck(
        n_items=len(predicted),
        probability=float(np.abs(measured - predicted.probabilities).max()),
        changed=float((decide(measured, model.card.threshold) != predicted.codes).mean()),
    )
