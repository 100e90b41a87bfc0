"""What ``demo`` found, as plain data."""

from __future__ import annotations

from pydantic import ConfigDict

from topwork.data.json_object import JsonObject
from topwork.inductive import FitResult
from topwork.model import Evaluation


class DemoResult(JsonObject):
    """The three results of the demo; ``pixels`` is the baseline on the same test patches."""

    model_config = ConfigDict(frozen=True)

    fit: FitResult
    evaluate: Evaluation
    pixels: Evaluation
