"""Source ``savedmodel``: graphs of TensorFlow, LiteRT and ONNX, read by OpenVINO alone."""

from topwork.backbones.sources.savedmodel.source import PixelRangeWarning, SavedModelSource

__all__ = ["PixelRangeWarning", "SavedModelSource"]
