"""What candidates there are for items of each modality, and what settings go with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.data import ModalityName
from topwork.features.opened_backbone import FrozenPart
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings, ImageSettings, stated_in
from topwork.trials.few_shot.name_rows import NameRows, rows_by_tower, rows_of_texts
from topwork.trials.trial import Trial, baseline_trials
from topwork.trials.words import words_trials


class MakesTrials(Protocol):
    """Evaluates the baselines on the folds ``(r, n)``."""

    def __call__(
        self,
        frozen: FrozenPart,
        plain: FrozenPart | None,
        folds: NDArray[np.integer],
        context: RunContext[FitSettings],
    ) -> list[Trial]: ...


@dataclass(frozen=True, slots=True)
class ModalityTrials:
    """The candidates of a modality.

    Parameters
    ----------
    plain
        The backbone whose features the baselines need, read in the same pass; None for none.
    words
        Whether the words of the items are a baseline.
    baselines
        Evaluates what transfer has to beat, from simple to less simple.
    refused
        The settings that are stated and mean nothing here, each with the modality that has them.
    named
        Whether the names of classes are items of this kind themselves.
    name_rows
        Gives features of names to learn from; None where names have none.
    to_train
        Packages that training layers needs beside torch.
    """

    plain: str | None
    words: bool
    baselines: MakesTrials
    refused: Callable[[FitSettings], Mapping[str, ModalityName]]
    name_rows: NameRows | None = None
    named: bool = False
    to_train: tuple[str, ...] = ()


def _of_pixels(
    frozen: FrozenPart,  # noqa: ARG001
    plain: FrozenPart | None,
    folds: NDArray[np.integer],
    context: RunContext[FitSettings],
) -> list[Trial]:
    return baseline_trials(plain, folds, context)


def _of_words(
    frozen: FrozenPart,
    plain: FrozenPart | None,  # noqa: ARG001
    folds: NDArray[np.integer],
    context: RunContext[FitSettings],
) -> list[Trial]:
    return words_trials(frozen, folds, context) if context.settings.baselines else []


def _of_texts_only(settings: FitSettings) -> dict[str, ModalityName]:
    return {"strategy": "text"} if settings.strategy == "pairs" else {}


def _of_images_only(settings: FitSettings) -> dict[str, ModalityName]:
    stated = [s.name for s in stated_in(ImageSettings) if getattr(settings, s.name) != s.default]
    return dict.fromkeys(stated, "image")


MODALITY_TRIALS: Final[dict[ModalityName, ModalityTrials]] = {
    "image": ModalityTrials(
        "pixels",
        words=False,
        baselines=_of_pixels,
        refused=_of_texts_only,
        name_rows=rows_by_tower,
    ),
    "text": ModalityTrials(
        None,
        words=True,
        named=True,
        baselines=_of_words,
        refused=_of_images_only,
        name_rows=rows_of_texts,
        to_train=("transformers",),
    ),
}
