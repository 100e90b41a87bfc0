"""Where a network can be cut, found from its own structure; importing this imports torch."""

from topwork.backbones.cuts.traced import find_cuts

__all__ = ["find_cuts"]
