"""A model that is served."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from topwork.backbones.engines.engine import BATCH
from topwork.data import Modality, ModalityName
from topwork.deployment.serve.decoding.decoders import Decoders
from topwork.deployment.serve.decoding.isolated_modality import IsolatedModality
from topwork.deployment.serve.models.answering import Answer, Question, answers
from topwork.deployment.serve.models.probes import check_same, probe_items
from topwork.deployment.serve.models.worth import worth
from topwork.errors import ParameterError
from topwork.model import load
from topwork.model.heads.linear_model import LinearModel
from topwork.model.sealed_model import NetworkModel
from topwork.model.storage.manifest import MANIFEST
from topwork.settings.choices import TaskName


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model that was loaded, verified and used once.

    Parameters
    ----------
    name
        In addresses.
    folder
        The bundle.
    model
        What was loaded of it.
    state
        Of its manifest when it was loaded: see `state_of`.
    isolated
        By what its items are decoded; ``None`` for texts.
    """

    name: str
    folder: Path
    model: Any
    state: tuple[int, ...]
    isolated: IsolatedModality | None = None

    @property
    def task(self) -> TaskName:
        """What it predicts."""
        task: TaskName = self.model.task
        return task

    @property
    def modality(self) -> ModalityName:
        """What its items are."""
        return str(self.model.card.kind)

    @property
    def inline(self) -> bool:
        """Whether its items are texts themselves."""
        return bool(self.model.kind.inline)

    @property
    def labels(self) -> list[str]:
        """The classes or labels, or names of clusters; none for numbers and parts."""
        card = self.model.card
        return [str(one) for one in getattr(card, "labels", getattr(card, "names", ()))]

    @property
    def worth(self) -> str:
        """What it is worth, in a sentence."""
        return worth(self.model.parts.facts)


def state_of(folder: Path) -> tuple[int, ...]:
    """Something else whenever a bundle was replaced; empty where there is none."""
    try:
        found = (folder / MANIFEST).stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


def open_model(
    name: str, folder: Path, *, answer: Answer, decoders: Decoders | None = None
) -> ServedModel:
    """Load a bundle, try it, and see that its predictions don't depend on what they come with.

    Parameters
    ----------
    decoders
        Decode its images; ``None`` to decode them here.

    Raises
    ------
    BundleError
        Something is missing, changed, unknown or doesn't belong there; or predictions depend on it.
    ParameterError
        It predicts from rows of tables, or from volumes.
    """
    state = state_of(folder)
    model = load(folder, engine="openvino")
    if not isinstance(model, NetworkModel):
        raise _not_served(folder, "rows of tables")
    if model.card.appearance.plane:
        raise _not_served(folder, "volumes")
    if isinstance(model, LinearModel) and (model.card.images or model.card.beside is not None):
        raise _not_served(folder, "several columns")
    isolated = None
    if decoders is not None and not model.kind.inline:
        isolated = IsolatedModality(model.kind, decoders)
        model.read_by(cast("Modality", isolated))
    served = ServedModel(name, folder, model, state, isolated)
    _warm_up(served, answer)
    return served


def _warm_up(served: ServedModel, answer: Answer) -> None:
    """Each item by itself, and all as one batch: both ways of computing are ready then."""
    items = probe_items(inline=served.inline, n=2 * BATCH)
    together = answer(served.model, items, 5)
    for one, expected in zip(items[:2], together.predictions, strict=False):
        (alone,) = answers(answer, served.model, [Question([one], 5)])
        if isinstance(alone, Exception):
            raise alone
        check_same(together.model_copy(update={"predictions": [expected]}), alone)


def _not_served(folder: Path, of: str) -> ParameterError:
    return ParameterError(
        f"{folder} predicts from {of}, and a request holds images or texts.",
        remedy="Use topwork predict for this model.",
        code="not_served",
    )
