"""What every JSON object of a command begins with."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from topwork.data.item import ModalityName
from topwork.settings.choices import TaskName


class JsonObject(BaseModel):
    """The object that a command prints with ``--json``.

    Attributes
    ----------
    schema_version
        Of these objects. Fields are only added while the first number stays.
    task
        What is predicted: ``classes``, ``labels``, ``number``, ``ordinal``, ``boxes``,
        ``one-class`` or ``clusters``; ``None`` where that doesn't apply.
    modality
        What the items are; ``None`` where that doesn't apply.
    """

    model_config = ConfigDict(frozen=True)

    schema_version: Literal["1.0"] = "1.0"
    task: TaskName | None = None
    modality: ModalityName | None = None
