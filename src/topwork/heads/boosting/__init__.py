"""Gradient-boosted trees as plain arrays; scikit-learn grows them and is loaded for that alone."""

from topwork.heads.boosting.growing import Grown, grow_trees
from topwork.heads.boosting.trees import MAX_NODES, Trees, logits_of

__all__ = ["MAX_NODES", "Grown", "Trees", "grow_trees", "logits_of"]
