"""The baselines of each modality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.data import ModalityName
from topwork.features import Progress
from topwork.features.opened_backbone import FrozenPart
from topwork.settings import FitSettings
from topwork.trials.trial import Trial, baseline_trials
from topwork.trials.words import words_trials


class MakesTrials(Protocol):
    """Evaluates the baselines on the folds ``(r, n)``."""

    def __call__(
        self,
        frozen: FrozenPart,
        plain: FrozenPart | None,
        folds: NDArray[np.integer],
        settings: FitSettings,
        progress: Progress,
    ) -> list[Trial]: ...


@dataclass(frozen=True, slots=True)
class Baselines:
    """What transfer has to beat.

    Parameters
    ----------
    plain
        The backbone whose features the baselines need, read in the same pass; None for none.
    words
        Whether the words of the items are one.
    trials
        Evaluates them, from simple to less simple.
    """

    plain: str | None
    words: bool
    trials: MakesTrials


def _of_pixels(
    frozen: FrozenPart,  # noqa: ARG001
    plain: FrozenPart | None,
    folds: NDArray[np.integer],
    settings: FitSettings,
    progress: Progress,
) -> list[Trial]:
    return baseline_trials(plain, folds, settings, progress)


def _of_words(
    frozen: FrozenPart,
    plain: FrozenPart | None,  # noqa: ARG001
    folds: NDArray[np.integer],
    settings: FitSettings,
    progress: Progress,
) -> list[Trial]:
    return words_trials(frozen, folds, settings, progress) if settings.baselines else []


BASELINES_OF: Final[dict[ModalityName, Baselines]] = {
    "image": Baselines(plain="pixels", words=False, trials=_of_pixels),
    "text": Baselines(plain=None, words=True, trials=_of_words),
}
