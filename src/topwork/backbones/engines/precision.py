"""In which precision ``auto`` computes, where the environment says so."""

from __future__ import annotations

import os
from typing import Final, Literal

from topwork.errors import ParameterError

VARIABLE: Final = "TOPWORK_PRECISION"
"""``float32`` or ``bfloat16``; anything that names its precision itself is left alone."""


def forced_precision() -> Literal["float32", "bfloat16"] | None:
    """What `VARIABLE` says that ``auto`` is; None where it is chosen by the processor.

    Raises
    ------
    ParameterError
        It says something else.
    """
    match os.environ.get(VARIABLE, ""):
        case "" | "auto":
            return None
        case "float32":
            return "float32"
        case "bfloat16":
            return "bfloat16"
        case other:
            raise ParameterError(
                f"{VARIABLE} is {other!r}, expected float32, bfloat16 or auto.",
                remedy=f"Unset {VARIABLE} to let the processor decide.",
            )
