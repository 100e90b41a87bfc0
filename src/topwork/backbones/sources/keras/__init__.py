"""Source ``keras``: Keras Applications, KerasHub, and whole models of the user's, run by torch."""

from topwork.backbones.sources.keras.source import KerasSource, untrained

__all__ = ["KerasSource", "untrained"]
