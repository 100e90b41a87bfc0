"""Fitted models that are a network with a linear head on its pooled features."""
