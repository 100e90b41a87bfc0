"""Which range of a medical image's values is shown, from black to white."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from topwork.errors import ParameterError

FILE: Final = "file"
AUTO_WINDOW: Final = "auto"

PRESETS: Final[Mapping[str, tuple[float, float]]] = {
    "lung": (1500.0, -600.0),
    "mediastinum": (350.0, 50.0),
    "abdomen": (400.0, 50.0),
    "liver": (150.0, 60.0),
    "bone": (1800.0, 400.0),
    "spine": (250.0, 50.0),
    "brain": (80.0, 40.0),
    "stroke": (40.0, 40.0),
    "subdural": (200.0, 75.0),
    "soft-tissue": (400.0, 40.0),
    "angio": (600.0, 300.0),
    "wide": (2000.0, 0.0),
}
"""Width and level in Hounsfield units of the usual windows for CT."""

_EXPECTED: Final = (
    f"Use auto, file, W,L such as 1500,-600 (width, level), or names: {', '.join(PRESETS)}; three "
    "of them with commas become red, green and blue."
)
N_CHANNELS: Final = 3


@dataclass(frozen=True, slots=True)
class VoiWindow:
    """A range of values after the modality LUT (PS3.3, C.11.2.1.2), such as Hounsfield units.

    Parameters
    ----------
    name
        ``file`` for the one in the file, ``auto``, one of `PRESETS`, or empty.
    width, level
        Its size and its middle; not used for ``file`` and ``auto``.
    """

    name: str
    width: float = 0.0
    level: float = 0.0


def voi_windows(text: str) -> tuple[VoiWindow, ...]:
    """What ``--window`` means: one window, or three.

    Raises
    ------
    ParameterError
        It means nothing.

    Examples
    --------
    >>> voi_windows("lung")
    (VoiWindow(name='lung', width=1500.0, level=-600.0),)
    >>> voi_windows("80,40")
    (VoiWindow(name='', width=80.0, level=40.0),)
    >>> [window.name for window in voi_windows("lung,brain,bone")]
    ['lung', 'brain', 'bone']
    """
    parts = [part.strip().lower() for part in text.split(",")]
    numbers = [_number(part) for part in parts]
    if len(parts) == 2 and None not in numbers:
        width, level = (float(one or 0) for one in numbers)
        if not (math.isfinite(width) and math.isfinite(level) and width > 0):
            raise ParameterError(f"window has the width {parts[0]}.", remedy=_EXPECTED)
        return (VoiWindow("", width, level),)
    if len(parts) not in (1, N_CHANNELS) or any(part not in _NAMES for part in parts):
        raise ParameterError(f"window cannot be {text!r}.", remedy=_EXPECTED)
    return tuple(VoiWindow(part, *PRESETS.get(part, ())) for part in parts)


_NAMES: Final = frozenset((FILE, AUTO_WINDOW, *PRESETS))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
