"""Episodes to train on, drawn from tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from topwork.metalearning.closed_form import WAYS, Task
from topwork.metalearning.episodes import EpisodeSampler

if TYPE_CHECKING:
    from torch import Tensor

    from topwork.training.strategies.episodes import DrawnEpisode, DrawsEpisode

InputsOf = Callable[[int, NDArray[np.int64]], "Tensor"]
"""Of some items of a task, both by their positions."""

_QUERIES: Final = 5


def draw_from(tasks: Sequence[Task], chosen: Sequence[int], inputs_of: InputsOf) -> DrawsEpisode:
    """Episodes with one label per class, each of a random task among those that are chosen."""
    from topwork.training.strategies.episodes import DrawnEpisode

    samplers = [
        EpisodeSampler(tasks[i].members, min(WAYS, len(tasks[i].members)), 1, _QUERIES, "balanced")
        for i in chosen
    ]

    def draw(rng: np.random.Generator) -> DrawnEpisode:
        place = int(rng.integers(len(samplers)))
        episode = samplers[place].draw(rng)
        labelled = np.zeros(len(episode.support) + len(episode.queries), bool)
        labelled[: len(episode.support)] = True
        items = np.concatenate([episode.support, episode.queries])
        codes = np.concatenate([episode.support_codes, episode.query_codes])
        return DrawnEpisode(inputs_of(chosen[place], items), codes, labelled)

    return draw
