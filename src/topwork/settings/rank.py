"""The choices of a ranking of backbones."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.settings.features import FeatureSettings


@dataclass(kw_only=True)
class RankSettings(FeatureSettings):
    """The choices of a ranking of backbones: how their features are computed.

    Raises
    ------
    ParameterError
        A value is not one of those that are allowed.
    """
