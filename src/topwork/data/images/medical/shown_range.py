"""Values of one channel to bytes: the window of the file, a usual one, or percentiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.settings.voi_window import AUTO_WINDOW, FILE, PRESETS, VoiWindow

Values = NDArray[np.floating[Any]]

LINEAR, LINEAR_EXACT, SIGMOID = "LINEAR", "LINEAR_EXACT", "SIGMOID"

PERCENTILES: Final = (0.5, 99.5)
_SAMPLED: Final = 1 << 20

_BODY_PARTS: Final = {
    "brain": ("HEAD", "BRAIN", "SKULL", "NECKHEAD"),
    "lung": ("CHEST", "LUNG", "THORAX"),
    "abdomen": ("ABDOMEN", "LIVER", "PELVIS", "KIDNEY", "PANCREAS", "COLON", "BOWEL"),
    "bone": ("SPINE", "EXTREMITY", "LEG", "ARM", "KNEE", "HIP", "FOOT", "ANKLE", "HAND", "WRIST"),
}


@dataclass(frozen=True, slots=True)
class ShownRange:
    """How values become grey levels (PS3.3, C.11.2.1.2 and C.11.2.1.3).

    Parameters
    ----------
    width, level
        Size and middle of the range.
    function
        ``LINEAR``, ``LINEAR_EXACT`` or ``SIGMOID``.
    """

    width: float
    level: float
    function: str = LINEAR_EXACT

    def apply(self, values: Values) -> NDArray[np.uint8]:
        """Grey levels of values of any shape.

        Examples
        --------
        >>> ShownRange(1500.0, -600.0).apply(np.array([-2000.0, -600.0, 400.0])).tolist()
        [0, 128, 255]
        """
        if self.function == SIGMOID:
            with np.errstate(over="ignore"):
                share = 1 / (1 + np.exp(-4 * (values - self.level) / self.width))
        elif self.function == LINEAR and self.width > 1:
            share = (values - (self.level - 0.5)) / (self.width - 1) + 0.5
        elif self.function == LINEAR:
            share = (values > self.level - 0.5).astype(np.float32)
        else:
            share = (values - self.level) / self.width + 0.5
        share = np.nan_to_num(share, nan=0.0, posinf=1.0, neginf=0.0)
        shown: NDArray[np.uint8] = np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)
        return shown


def range_between(low: float, high: float) -> ShownRange:
    """The range from one value to another."""
    return ShownRange(max(high - low, 1e-6), (low + high) / 2)


def percentile_range(values: Values) -> ShownRange:
    """From the 0.5th to the 99.5th percentile of the finite values."""
    flat = values.reshape(-1)
    flat = flat[:: max(1, flat.size // _SAMPLED)]
    flat = flat[np.isfinite(flat)]
    if not flat.size:
        return range_between(0.0, 1.0)
    low, high = (float(one) for one in np.percentile(flat, PERCENTILES))
    if low == high:
        low, high = float(flat.min()), float(flat.max())
    return range_between(low, high)


def preset_for(body_part: str) -> str:
    """The usual window of a CT of a part of the body, by DICOM's word for it.

    Examples
    --------
    >>> preset_for("CHEST"), preset_for("T SPINE"), preset_for("")
    ('lung', 'bone', 'wide')
    """
    said = body_part.upper()
    for name, parts in _BODY_PARTS.items():
        if any(part in said for part in parts):
            return name
    return "wide"


def chosen_range(
    window: VoiWindow, *, own: ShownRange | None, usual: ShownRange | None, values: Values
) -> ShownRange:
    """The range that a window means for an image.

    Parameters
    ----------
    own
        That of the file, if it has one.
    usual
        The one for such images, if there is one.
    values
        What percentiles are of, where nothing else says.
    """
    if window.name not in (FILE, AUTO_WINDOW):
        return ShownRange(window.width, window.level)
    return own or usual or percentile_range(values)


def ct_range(body_part: str) -> ShownRange:
    """The usual range of a CT of a part of the body."""
    return ShownRange(*PRESETS[preset_for(body_part)])
