"""The labelling tools that labels are exchanged with."""

from typing import Literal

Tool = Literal["label-studio", "cvat"]
