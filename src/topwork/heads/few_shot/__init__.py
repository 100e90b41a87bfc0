"""Heads for one to five labelled rows per class."""

from topwork.heads.few_shot.together import predict_together

__all__ = ["predict_together"]
