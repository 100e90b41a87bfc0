"""The model that a fit goes on from, and its network made ready for new items."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import Backbone, resolve
from topwork.data import Label
from topwork.errors import BackboneError, BundleError
from topwork.inductive.frozen import OpenedBackbone, open_network
from topwork.inductive.settings import FitSettings
from topwork.model import Card, Model, StartedFrom, TrainingStatistics, load


@dataclass(frozen=True, eq=False, slots=True)
class Earlier:
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
        """Whether its network was trained on its items, those that it remembers among them."""
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


def open_earlier(start: str | Path, settings: FitSettings) -> Earlier:
    """Read a saved model and make its network ready to run.

    Raises
    ------
    BundleError
        It isn't a model, must not be loaded, remembers nothing, or its network can't be made
        here so that it gives the features which the model remembers.
    """
    model = load(start, engine=settings.engine)
    if not len(model.parts.statistics.rehearsal):
        raise BundleError(
            f"{start} remembers no features, so there is nothing to go on from.",
            remedy="Fit all images together, without --from (start).",
            code="nothing_remembered",
        )
    card = model.card
    if card.int8:
        raise _other_features(start, "it runs in 8-bit integers", _WITHOUT_INT8)
    own = replace(settings, start=None, geometry=card.framing.geometry)
    opened = open_network(_network(model, start), own, keep=settings.cache)
    if opened.framing != card.framing:
        raise _other_features(start, "its pictures would be cut and resized in another way")
    return Earlier(str(start), model, opened)


def _network(model: Model, start: str | Path) -> Backbone:
    """The backbone with the model's own weights, else the one of that name, if it is the same."""
    card, weights = model.card, model.parts.weights
    name = card.backbone.partition("@")[0]
    for wanted in (f"{name}@{weights}", name):
        try:
            found = resolve(wanted)
        except BackboneError:
            continue
        if same_features(found, card):
            return found
    raise _other_features(start, f"{name} is another network here than the one it was fitted with")


def same_features(backbone: Backbone, card: Card) -> bool:
    """Whether a backbone gives the features that a model remembers."""
    return backbone.fingerprint == card.backbone_fingerprint


_OTHER_VERSIONS = (
    "Install the versions named in its report, or fit all images together, without --from (start)."
)
_WITHOUT_INT8 = "Fit all images together, or go on from a model that was fitted without --int8."


def _other_features(start: str | Path, why: str, remedy: str = _OTHER_VERSIONS) -> BundleError:
    return BundleError(
        f"What {start} remembers cannot be used with new images: {why}.",
        remedy=remedy,
        code="other_features",
    )
