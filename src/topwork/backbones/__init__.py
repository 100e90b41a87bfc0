"""Pretrained networks: the catalogue, where they come from, and the engines that run them."""

from topwork.backbones.backbone import POOLED, Backbone, Cut, Cuts, Network
from topwork.backbones.catalogue import (
    DEFAULT_BACKBONE,
    DEFAULT_FOR,
    EVERYTHING,
    PACKAGED,
    PACKAGED_TEXT,
    SHORTLIST,
)
from topwork.backbones.inputs import Input, InputSpec, TokenInput, token_input
from topwork.backbones.sources import SOURCES, resolve

__all__ = [
    "DEFAULT_BACKBONE",
    "DEFAULT_FOR",
    "EVERYTHING",
    "PACKAGED",
    "PACKAGED_TEXT",
    "POOLED",
    "SHORTLIST",
    "SOURCES",
    "Backbone",
    "Cut",
    "Cuts",
    "Input",
    "InputSpec",
    "Network",
    "TokenInput",
    "resolve",
    "token_input",
]
