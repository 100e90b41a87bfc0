"""Few examples per class: how well that goes, measured over many small tasks."""

from topwork.metalearning.evaluation import evaluate_episodes
from topwork.metalearning.result import EpisodesResult, ShotsResult

__all__ = ["EpisodesResult", "ShotsResult", "evaluate_episodes"]
