"""Heads that learn from unlabelled items of another domain, too."""

from topwork.heads.domain.propagation import neighbour_graph, propagate, whitened

__all__ = [
    "neighbour_graph",
    "propagate",
    "whitened",
]
