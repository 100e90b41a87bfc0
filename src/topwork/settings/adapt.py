"""The choices of an adaptation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from topwork.errors import ParameterError
from topwork.installation import TRAINING, require
from topwork.settings.checked import CheckedSettings
from topwork.settings.choices import DOMAIN_WAYS
from topwork.settings.run import RunSettings
from topwork.settings.setting import Setting

MIN_AUDITED = 4


def listed(text: str) -> tuple[str, ...]:
    """``"tent, dann"`` as a tuple."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


@dataclass(kw_only=True, eq=False, repr=False)
class DomainSettings:
    """How a model is adapted to a new domain."""

    audit: Annotated[
        int,
        Setting(
            "Choose N items to label, in OUT-audit.csv.",
            "They are in ``sheet_``; 0 for none.",
            metavar="N",
        ),
    ] = 0
    deep: Annotated[
        bool,
        Setting(
            "Whether layers behind a cut may be adapted.",
            flag="--shallow",
            off="Adapt the head only, not the network.",
        ),
    ] = True
    train: Annotated[
        tuple[str, ...],
        Setting(
            "Also train layers: tent, information, dann, cdan, with commas between.",
            "In Python a tuple of them. They take minutes and seldom gain.",
            metavar="WAYS",
            typed=str,
            read=listed,
        ),
    ] = ()
    keep_source: Annotated[
        bool, Setting("Refuse a model that loses accuracy on its own domain.")
    ] = False
    force: Annotated[
        bool,
        Setting("Adapt even if classes may be absent; accept half the accuracy on its own domain."),
    ] = False

    def _check(self) -> None:
        if self.audit < 0 or 0 < self.audit < MIN_AUDITED:
            raise ParameterError(
                f"audit cannot be {self.audit}.",
                remedy=f"Give a number of items from {MIN_AUDITED}, such as 60; 0 for none.",
            )
        unknown = [way for way in self.train if way not in DOMAIN_WAYS]
        if unknown:
            raise ParameterError(
                f"train names {unknown[0]!r}, which is not known.",
                remedy=f"Choose among {', '.join(DOMAIN_WAYS)}.",
            )
        if self.train and not self.deep:
            raise ParameterError(
                "Layers cannot be trained where only the head is adapted.",
                remedy="Leave --shallow (deep=False) or --train (train) out.",
            )
        if self.train:
            require("Training layers for a new domain", TRAINING)


@dataclass(kw_only=True)
class AdaptSettings(CheckedSettings, RunSettings, DomainSettings):
    """The choices of an adaptation: the fields of its groups.

    Raises
    ------
    ParameterError
        A value can't be used.
    """
