"""The choices of a ranking of backbones."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.settings.checked import DataCheck
from topwork.settings.images import FramingSettings
from topwork.settings.run import RunSettings


@dataclass(kw_only=True)
class RankSettings(DataCheck, RunSettings, FramingSettings):
    """The choices of a ranking of backbones: the fields of its groups.

    Raises
    ------
    ParameterError
        A value is not one of those that are allowed.
    """
