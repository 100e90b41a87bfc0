"""What a user can decide about an adaptation."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.backbones.engines import EngineName
from topwork.data import Dataset
from topwork.errors import ParameterError
from topwork.installation import TRAINING, require
from topwork.training.settings import DOMAIN_WAYS
from topwork.transductive.auditing import AuditSheet

FEWEST_AUDITED = 4


@dataclass(frozen=True, slots=True)
class AdaptSettings:
    """Settings of one adaptation.

    Parameters
    ----------
    source
        The labelled items that the model was fitted on, where they are at hand: with them the
        layers behind a cut are adapted, too. None for those that a fit on this computer left in
        the store, or else what the model remembers.
    deep
        Whether layers behind a cut may be adapted.
    train
        Ways to train the layers behind the latest cut, too: ``tent``, ``information``, ``dann``,
        ``cdan``; see `topwork.training.domains.two_domains`. They take minutes and seldom gain.
    labelled
        A few items of the new domain with labels.
    audit
        Items of the new domain to choose for labelling; 0 for none.
    plan
        How the labelled items were chosen by an earlier audit, if they were.
    keep_source
        Return the model as it is if it would lose accuracy on its own domain.
    force
        Adapt also where it can't be told which classes the new domain holds, and return the
        adapted model even if it halves the accuracy on its own domain.
    engine, cache, max_bad, seed
        As for a fit.

    Raises
    ------
    ParameterError
        A value can't be used.
    """

    source: Dataset | None = None
    deep: bool = True
    train: tuple[str, ...] = ()
    labelled: Dataset | None = None
    audit: int = 0
    plan: AuditSheet | None = None
    keep_source: bool = False
    force: bool = False
    engine: EngineName = "auto"
    cache: bool = True
    max_bad: float = 0.05
    seed: int = 0

    def __post_init__(self) -> None:
        if self.audit < 0 or 0 < self.audit < FEWEST_AUDITED:
            raise ParameterError(
                f"audit cannot be {self.audit}.",
                remedy=f"Give a number of items from {FEWEST_AUDITED}, such as 60; 0 for none.",
            )
        unknown = [way for way in self.train if way not in DOMAIN_WAYS]
        if unknown:
            raise ParameterError(
                f"train names {unknown[0]!r}, which is not known.",
                remedy=f"Choose among {', '.join(DOMAIN_WAYS)}.",
            )
        if self.train and not self.deep:
            raise ParameterError(
                "Layers cannot be trained where only the top is adapted.",
                remedy="Leave --shallow (deep=False) or --train (train) out.",
            )
        if self.train:
            require("Training layers for a new domain", TRAINING)
        if not 0 <= self.max_bad <= 1:
            raise ParameterError(
                f"max_bad cannot be {self.max_bad}.", remedy="Give a fraction from 0 to 1."
            )
