"""The model that a fit goes on from, and its network made ready for new items."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.data import Label
from topwork.errors import BundleError
from topwork.features.opened_backbone import OpenedBackbone
from topwork.intake.own_network import open_own_network
from topwork.model import Model, StartedFrom, TrainingStatistics, load_classifier
from topwork.settings import FitSettings


@dataclass(frozen=True, eq=False, slots=True)
class StartModel:
    """A saved model that is gone on from; nothing of it is changed.

    Parameters
    ----------
    place
        Its folder, as the user named it.
    opened
        Its network and framing, ready for new items.
    """

    place: str
    model: Model
    opened: OpenedBackbone

    @property
    def labels(self) -> list[Label]:
        return self.model.labels

    @property
    def statistics(self) -> TrainingStatistics:
        return self.model.parts.statistics

    @property
    def tuned(self) -> bool:
        """Whether its network was trained on its items, those that it stores among them."""
        return self.model.card.strategy != "probe"

    def right(
        self, features: NDArray[np.floating], codes: NDArray[np.integer]
    ) -> NDArray[np.bool_]:
        """Whether its own head says the right class of items that it has not seen, ``(n,)``."""
        return np.asarray(self.model.parts.head.logits(features).argmax(axis=1) == codes)

    def started_from(self, n_added: int) -> StartedFrom:
        """What the card of the next model says of this one."""
        return StartedFrom(
            identity=self.model.identity,
            labels=self.labels,
            n_items=len(self.statistics.codes),
            n_added=n_added,
            earlier=self.model.card.started_from,
        )


def open_start_model(start: str | Path, settings: FitSettings) -> StartModel:
    """Read a saved model and make its network ready to run.

    Raises
    ------
    BundleError
        It isn't a model, must not be loaded, stores nothing, or its network can't be made
        here so that it gives the features which the model stores.
    """
    model = load_classifier(start, "--from (start)", engine=settings.engine)
    if not len(model.parts.statistics.rehearsal):
        raise BundleError(
            f"{start} holds no features, so it can't be continued.",
            remedy=f"Fit all {model.card.kind}s together, without --from (start).",
            code="nothing_remembered",
        )
    opened = open_own_network(
        model,
        start,
        engine=settings.engine,
        cache=settings.cache,
        instead=f"fit all {model.card.kind}s together, without --from (start)",
    )
    return StartModel(str(start), model, opened)
