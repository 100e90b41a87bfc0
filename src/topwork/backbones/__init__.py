"""Pretrained networks: the catalogue, where they come from, and the engines that run them."""

from topwork.backbones.backbone import POOLED, Backbone, Cut, Cuts, InputSpec, Network
from topwork.backbones.catalogue import DEFAULT_BACKBONE, PACKAGED
from topwork.backbones.sources import SOURCES, resolve

__all__ = [
    "DEFAULT_BACKBONE",
    "PACKAGED",
    "POOLED",
    "SOURCES",
    "Backbone",
    "Cut",
    "Cuts",
    "InputSpec",
    "Network",
    "resolve",
]
