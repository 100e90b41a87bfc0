"""EfficientNet-Lite from its weights to a compiled graph, without torch."""

from topwork.backbones.lite.checkpoint import read_checkpoint
from topwork.backbones.lite.layers import LiteLayers, lite_layers
from topwork.backbones.lite.network import lite_graph, state_dict

__all__ = ["LiteLayers", "lite_graph", "lite_layers", "read_checkpoint", "state_dict"]
