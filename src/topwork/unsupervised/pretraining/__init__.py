"""A backbone refined on items without labels, which is kept where labels show that it gained."""

from topwork.unsupervised.pretraining.pretrain import pretrain
from topwork.unsupervised.pretraining.result import PretrainResult, TriedObjective

__all__ = ["PretrainResult", "TriedObjective", "pretrain"]
