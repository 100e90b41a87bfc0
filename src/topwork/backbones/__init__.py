"""Pretrained networks: the catalogue, where they come from, and the engines that run them."""

from topwork.backbones.backbone import POOLED, Backbone, Cut, Cuts, InputSpec, Network
from topwork.backbones.catalogue import DEFAULT_BACKBONE, EVERYTHING, PACKAGED, SHORTLIST
from topwork.backbones.sources import SOURCES, resolve

__all__ = [
    "DEFAULT_BACKBONE",
    "EVERYTHING",
    "PACKAGED",
    "POOLED",
    "SHORTLIST",
    "SOURCES",
    "Backbone",
    "Cut",
    "Cuts",
    "InputSpec",
    "Network",
    "resolve",
]
