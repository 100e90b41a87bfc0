"""How the features of items are computed, whatever they are for."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.settings.checked import CheckedSettings
from topwork.settings.images import FramingSettings
from topwork.settings.run import RunSettings


@dataclass(kw_only=True)
class FeatureSettings(CheckedSettings, RunSettings, FramingSettings):
    """How the features of items are computed: the fields of its groups.

    Raises
    ------
    ParameterError
        A value is not one of those that are allowed.
    """
