"""topwork's program as people start it."""

from __future__ import annotations

import sysconfig
from pathlib import Path

TOPWORK = str(Path(sysconfig.get_path("scripts")) / "topwork")
