"""What the server says of its models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from topwork.data import ModalityName
from topwork.deployment.serve.models.heat import has_heat
from topwork.deployment.serve.models.served_model import ServedModel
from topwork.settings.choices import TaskName


class DescribedModel(BaseModel):
    """A model that can be asked.

    Attributes
    ----------
    name
        In the address ``/v1/models/NAME/predict``.
    identity
        The same for models that predict the same.
    inline
        Whether its items are texts themselves; otherwise they are files.
    labels
        Classes, labels or names of clusters; none for numbers and parts.
    unknown_on
        Whether it calls any input unknown.
    heat
        Whether ``/v1/models/NAME/heat`` shows where in an image its answers come from.
    worth
        Its first score with a 95 % confidence interval, in a sentence; empty where there is none.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    task: TaskName
    modality: ModalityName
    inline: bool
    identity: str
    backbone: str
    labels: list[str]
    unknown_on: bool
    heat: bool
    worth: str

    @classmethod
    def of(cls, served: ServedModel) -> DescribedModel:
        """What is said of a model."""
        card = served.model.card
        return cls(
            name=served.name,
            task=served.task,
            modality=served.modality,
            inline=served.inline,
            identity=served.model.identity,
            backbone=card.backbone,
            labels=served.labels,
            unknown_on=getattr(card, "unknown_threshold", None) is not None,
            heat=has_heat(served),
            worth=served.worth,
        )


class DescribedModels(BaseModel):
    """The models that can be asked; the first is that of ``/v1/predict``."""

    model_config = ConfigDict(frozen=True)

    models: list[DescribedModel]


class SaidError(BaseModel):
    """Why a request was refused."""

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    remedy: str


class ErrorBody(BaseModel):
    """The body of every response that isn't 200."""

    model_config = ConfigDict(frozen=True)

    error: SaidError


REFERENCE: Final = "#/components/schemas/{model}"
"""Where the description of the API keeps schemas."""

REFUSALS: Final[Mapping[int | str, dict[str, Any]]] = {
    status: {"model": ErrorBody, "description": why}
    for status, why in (
        (400, "A header or the form can't be read."),
        (401, "The token is wrong."),
        (403, "Another name, or a page of another site."),
        (404, "No such model."),
        (408, "The body came too slowly."),
        (411, "A large body without Content-Length."),
        (413, "Too large, too many items or too many pixels."),
        (415, "A compressed body."),
        (422, "Not one item can be read."),
        (431, "Large headers."),
        (503, "Too much to do, or not ready; see Retry-After."),
    )
}
