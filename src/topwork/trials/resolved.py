"""Settings of a fit, once it is known what the items are."""

from __future__ import annotations

from dataclasses import replace

from topwork.backbones import DEFAULT_FOR
from topwork.data import ModalityName
from topwork.errors import ParameterError
from topwork.installation import TRAINING, require
from topwork.settings import FitSettings
from topwork.trials.modality import MODALITY_TRIALS


def resolved(settings: FitSettings, kind: ModalityName) -> FitSettings:
    """With the usual backbone for the items, where none was named and no model is gone on from."""
    if settings.backbone is not None or settings.start is not None:
        return settings
    return replace(settings, backbone=DEFAULT_FOR[kind])


def check_kind(settings: FitSettings, kind: ModalityName) -> None:
    """Refuse settings that mean nothing for items of a kind.

    Raises
    ------
    ParameterError
        Something is asked for that items of another kind only can have.
    """
    if settings.strategy not in {"probe", "auto"}:
        require(f"The strategy {settings.strategy}", needed_to_train(settings.strategy, kind))
    if settings.engine == "torch":
        require("The engine torch", ("torch",))
    if settings.int8:
        require("A network in 8-bit integers", ("nncf",))
    refused = MODALITY_TRIALS[kind].refused(settings)
    for name, others in refused.items():
        raise ParameterError(
            f"{name} cannot be {getattr(settings, name)!r} for {kind}s, only for {others}s.",
            remedy=f"Leave {name} out.",
            code=f"{others}s_only",
        )


def needed_to_train(strategy: str, kind: ModalityName) -> tuple[str, ...]:
    """The packages without which a strategy trains no layers for items of a kind."""
    adapters = ("peft",) if strategy == "lora" else ()
    return (*TRAINING, *adapters, *MODALITY_TRIALS[kind].to_train)
