"""The network of a saved model, made ready to run on other items as it ran on its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from topwork.backbones import Backbone, resolve
from topwork.backbones.fingerprint import trained_fingerprint
from topwork.data import Framing, Geometry
from topwork.errors import BackboneError, BundleError
from topwork.features.opened_backbone import OpenedBackbone, Run, open_network
from topwork.model.card import Card, NetworkCard
from topwork.model.heads.linear_model import LinearModel
from topwork.settings.choices import EngineName


def open_own_network(
    model: LinearModel, place: str | Path, *, engine: EngineName, cache: bool, instead: str
) -> OpenedBackbone:
    """Make a model's network ready to give the features that the model stores.

    Parameters
    ----------
    place
        The model's folder, as the user named it.
    cache
        Whether graph and features are stored.
    instead
        What the user can do where that isn't possible, after "or".

    Raises
    ------
    BundleError
        The network can't be made here so that it gives these features.
    """
    card = model.card
    if isinstance(card, Card) and card.int8:
        why, remedy = "it runs in 8-bit integers", "Take one that was fitted without --int8"
        raise _other_features(place, why, f"{remedy}, or {instead}.")
    versions = f"Install the versions named in its report, or {instead}."
    own = Run(engine, _geometry(card), cache)
    backbone = _own_backbone(model)
    if backbone is None:
        name = card.backbone.partition("@")[0]
        why = f"{name} is another network here than the one it was fitted with"
        if card.strategy != "probe":
            why = f"{name} was trained further in it, and with its weights is another network here"
            versions = f"Fit it again with this version of topwork, or {instead}."
        raise _other_features(place, why, versions)
    opened = open_network(backbone, own, keep=cache)
    if opened.preparation != card.framing:
        why = "its items would be prepared in another way"
        raise _other_features(place, why, versions)
    return opened


def _geometry(card: NetworkCard) -> Geometry:
    return card.framing.geometry if isinstance(card.framing, Framing) else "squeeze"


def _own_backbone(model: LinearModel) -> Backbone | None:
    """The backbone with the model's own weights, else the one of that name, if it is the same."""
    name = model.card.backbone.partition("@")[0]
    own = f"{name}@{model.parts.weights}"
    # what is installed is told apart without reading tensors, which would import torch
    for request in (name, own) if name.startswith("packaged:") else (own, name):
        try:
            found = resolve(request)
            if same_features(found, model.card):
                return found
            if request == own and _trained(found) == model.card.backbone_fingerprint:
                return replace(found, fingerprint=model.card.backbone_fingerprint)
        except BackboneError:
            continue
    return None


def _trained(backbone: Backbone) -> str:
    """The fingerprint of a network that was trained further to have these weights."""
    return trained_fingerprint(backbone.name, backbone.load().module.state_dict())


def same_features(backbone: Backbone, card: NetworkCard) -> bool:
    """Whether a backbone gives the features that a model stores."""
    return backbone.fingerprint == card.backbone_fingerprint


def _other_features(place: str | Path, why: str, remedy: str) -> BundleError:
    return BundleError(
        f"The features stored in {place} can't be used with new items: {why}.",
        remedy=remedy,
        code="other_features",
    )
