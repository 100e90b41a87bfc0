"""How the images of one data set are brought to 8-bit RGB, where a file leaves that open."""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, Literal

from topwork.errors import ParameterError
from topwork.settings.choices import PLANES, Plane, one_of
from topwork.settings.voi_window import AUTO_WINDOW, voi_windows

MEDICAL_VERSION: Final = 1
"""Of how DICOM and NIfTI become 8-bit RGB: raise it whenever a pixel may change."""

WHITE: Final = 255


@dataclass(frozen=True, slots=True)
class Appearance:
    """Decided once for a data set, kept in the model, and used for whatever it predicts.

    Parameters
    ----------
    levels
        Of images with more than 8 bits per channel: the level that becomes 0 and the one that
        becomes 255. None scales each image by its own range.
    background
        The grey level, 0 to 255, that transparent images are laid over.
    window
        Of DICOM and NIfTI, which values are shown, as ``--window`` says it; empty where there are
        none, which is like ``auto``.
    medical_version
        `MEDICAL_VERSION` where there is a window, 0 where there is none.
    plane
        Where items are volumes, how NIfTI files are cut into slices; empty where each image is an
        item.

    Raises
    ------
    topwork.errors.ParameterError
        If a level is not a number, they are out of order or range, or the window means nothing.

    Examples
    --------
    >>> Appearance(levels=(600.0, 3000.0)).levels
    (600.0, 3000.0)
    """

    levels: tuple[float, float] | None = None
    background: int = WHITE
    window: str = ""
    medical_version: int = 0
    plane: Plane | Literal[""] = ""

    def __post_init__(self) -> None:
        if self.levels is not None:
            low, high = self.levels
            if not (math.isfinite(high - low) and low < high):
                raise ParameterError(
                    f"levels are {low} and {high}, expected two numbers in rising order.",
                    remedy="Give the levels that become black and white.",
                )
        if not 0 <= self.background <= WHITE:
            raise ParameterError(
                f"background is {self.background}, expected 0 to 255.",
                remedy="0 is black and 255 is white.",
            )
        one_of("plane", self.plane, ("", *PLANES))
        if self.window:
            voi_windows(self.window)
        if self.medical_version != (MEDICAL_VERSION if self.window else 0):
            raise ParameterError(
                f"medical_version is {self.medical_version}, and this topwork reads DICOM and "
                f"NIfTI by version {MEDICAL_VERSION}.",
                remedy="Use the topwork that the model was made with, or fit it again.",
            )

    @property
    def salt(self) -> bytes:
        """What it adds to the name of a content that looks otherwise because of it."""
        text = f"{self.levels} {self.background}".encode()
        return blake2b(text, digest_size=16, person=b"appearance").digest()

    @property
    def medical_salt(self) -> bytes:
        """What it adds to the name of a DICOM or NIfTI file."""
        text = f"{MEDICAL_VERSION} {self.window or AUTO_WINDOW}"
        if self.plane not in ("", PLANES[0]):
            text += f" {self.plane}"
        return blake2b(text.encode(), digest_size=16, person=b"medical").digest()


UNDECIDED: Final = Appearance()
"""Each image by itself, over white."""
