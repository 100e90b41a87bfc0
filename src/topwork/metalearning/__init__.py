"""Few examples per class: how well that goes, and what earlier tasks tell about new ones."""

from topwork.metalearning.evaluation import evaluate_episodes
from topwork.metalearning.meta import meta_learn
from topwork.metalearning.result import EpisodesResult, MetaResult, ShotsResult

__all__ = ["EpisodesResult", "MetaResult", "ShotsResult", "evaluate_episodes", "meta_learn"]
