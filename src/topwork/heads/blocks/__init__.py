"""Blocks of features of different kinds under one head."""

from topwork.heads.blocks.block_scale import Blocks, BlockScale
from topwork.heads.blocks.block_weights import choose_weights

__all__ = ["BlockScale", "Blocks", "choose_weights"]
