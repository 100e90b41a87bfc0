"""EfficientNet-Lite from its weights to a compiled graph, without torch."""

from topwork.backbones.lite.checkpoint import read_checkpoint
from topwork.backbones.lite.layers import LiteLayers, lite_layers
from topwork.backbones.lite.network import CUTS, lite_nodes, state_dict

__all__ = ["CUTS", "LiteLayers", "lite_layers", "lite_nodes", "read_checkpoint", "state_dict"]
